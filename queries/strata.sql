-- grain: one stratum of one wave, with its respondents whatever they answered
create or replace table strata as
select profiles.year, profiles.stratum, count(*) as n
from respondents
join profiles using (profile_id)
group by all
order by all
