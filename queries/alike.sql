-- Those who answer alike (part_alike.sql) are one respondent of the queries, whose answers weigh
-- what all of them weigh.
create table numbered as select row_number() over () as respondent_id, * from alike;

-- grain: one way to answer all questions that are asked about
create table responses as select * exclude (people) from numbered;

-- grain: one way to answer in one profile
create table weights as
select respondent_id, profile_id, count(*) as n, sum(weight) as w, sum(weight * weight) as w2
from (select respondent_id, unnest(people, recursive := true) from numbered)
group by all;
