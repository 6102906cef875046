-- Items that an indicator's file gives twice to one respondent, who would weigh twice in them.
-- A query that repeats does so for many: some respondents are looked at (look_at_some.sql).
select item
from indicator_rows
group by respondent_id, item
having count(*) > 1
limit 1
