-- The same grid where only the channel's users are in the base, so zeros are written out.
with
used as (
    select respondent_id, unnest(channel_adoption) as channel
    from answers
    where channel_activity is not null
),
users as (
    select distinct used.respondent_id, lineage.ancestor as channel
    from used
    join lineage on lineage.indicator = 'channel_adoption' and lineage.item = used.channel
),
served as (
    select respondent_id, unnest(channel_activity) as activity from answers
),
reached as (
    select distinct served.respondent_id, lineage.ancestor as item
    from served
    join lineage on lineage.indicator = 'channel_activity' and lineage.item = served.activity
)
select users.respondent_id, items.item, case when reached.item is null then 0 else 1 end as y
from users
join items
    on items.indicator = 'channel_activity_among_users' and split_part(items.item, ':', 1) = users.channel
left join reached on reached.respondent_id = users.respondent_id and reached.item = items.item
