-- 1 for each channel that a company uses, itself or anything under it: a parent is a net.
with
used as (
    select respondent_id, unnest(channel_adoption) as channel from answers
),
reached as (
    select distinct used.respondent_id, lineage.ancestor as item
    from used
    join lineage on lineage.indicator = 'channel_adoption' and lineage.item = used.channel
)
select respondent_id, null as item, 0 as y from answers where channel_adoption is not null
union all
select respondent_id, item, 1 as y from reached
