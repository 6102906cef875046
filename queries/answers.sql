-- The table of answers with the columns of the codebook at hand. Waves that stay keep their answers;
-- they have none to a question that is new since.
create or replace table answers as
select * from answers
union all by name
(select * from incoming_answers limit 0)
