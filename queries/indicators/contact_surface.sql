-- 1 for a company that uses at least one channel.
select respondent_id, 'at_least_one' as item, case when array_length(channel_adoption) > 0 then 1 else 0 end as y
from answers
where channel_adoption is not null
