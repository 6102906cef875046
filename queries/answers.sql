-- The table of answers, with the columns of the codebook at hand. Waves that stay keep their
-- answers; to a question that is new since, they have none.
create or replace table answers as
select * from kept_answers
union all by name
select * from incoming_answers limit 0;
