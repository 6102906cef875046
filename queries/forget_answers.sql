-- The table of responses with the columns of the codebook at hand, empty: no wave stays.
-- Not answers.sql: DuckDB 1.5.6 loses what is inserted, a row group or more at a time, into a table
-- that the same transaction made from a union without rows. verify.sql would find it.
create or replace table responses as from incoming_responses limit 0
