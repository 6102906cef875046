-- Items that an indicator's file gives twice to one respondent, who would weigh twice in them.
-- One respondent in $step is looked at: a query that repeats does so for many.
select item
from indicator_rows
where respondent_id % $step = 0
group by respondent_id, item
having count(*) > 1
limit 1
