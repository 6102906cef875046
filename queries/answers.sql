-- The table of answers, with the columns of the codebook at hand.
create table if not exists answers as from incoming_answers limit 0;
