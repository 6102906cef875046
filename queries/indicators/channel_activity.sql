-- 1 for each channel × activity, nets of the channel tree included.
with
served as (
    select respondent_id, unnest(channel_activity) as activity from answers
),
reached as (
    select distinct served.respondent_id, lineage.ancestor as item
    from served
    join lineage on lineage.indicator = 'channel_activity' and lineage.item = served.activity
)
select respondent_id, null as item, 0 as y from answers where channel_activity is not null
union all
select respondent_id, item, 1 as y from reached
