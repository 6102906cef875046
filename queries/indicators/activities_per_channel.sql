-- Activities ticked over channels used: 1 where each channel does one thing, 3 where each does all.
select
    respondent_id,
    'mean' as item,
    array_length(channel_activity)::double / array_length(channel_adoption) as y
from answers
where array_length(channel_adoption) > 0 and channel_activity is not null
