-- 1 for each number of channels that a company reaches: the first item is 1 channel, and so on.
select
    answers.respondent_id,
    items.item,
    case when array_length(answers.channel_adoption) > items.position then 1 else 0 end as y
from answers
join items on items.indicator = 'channels_at_least'
where answers.channel_adoption is not null
