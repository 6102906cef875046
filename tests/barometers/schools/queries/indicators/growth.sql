-- What the index gained in a year.
select respondent_id, 'mean' as item, api00 - api99 as y
from answers
where api00 is not null and api99 is not null
