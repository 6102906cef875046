-- One respondent in $step, in a table that hides the whole one from the queries that come after it.
create or replace temp table answers as select * from answers where respondent_id % $step = 0;
