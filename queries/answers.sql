-- The table of responses with the columns of the codebook at hand. Waves that stay keep their
-- answers; they have none to a question that is new since.
create or replace table responses as
select * from responses
union all by name
(select * from incoming_responses limit 0)
