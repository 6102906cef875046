-- Some respondents, a thousand in $step thousands, in a table that hides the whole one from the queries
-- that come after it. In thousands: what lies between is not read.
create or replace temp table responses as
select * from responses where respondent_id // 1000 % $step = 0;
