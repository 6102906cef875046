-- How many channels serve each activity; a company that gives it none has 0.
with
served as (
    select respondent_id, unnest(channel_activity) as pair from answers
),
counted as (
    select respondent_id, split_part(pair, ':', 2) as activity, count(*) as channels
    from served
    group by respondent_id, split_part(pair, ':', 2)
)
select answers.respondent_id, items.item, coalesce(counted.channels, 0) as y
from answers
join items on items.indicator = 'channels_per_activity'
left join counted on counted.respondent_id = answers.respondent_id and counted.activity = items.item
where answers.channel_activity is not null
