-- How many channels a company ticked; a family is not ticked, so it does not count.
select respondent_id, 'mean' as item, array_length(channel_adoption) as y
from answers
where channel_adoption is not null
