-- 1 for each stage of which a company uses a channel, and for each channel under its stage.
with
used as (
    select respondent_id, unnest(channel_adoption) as channel from answers
),
reached as (
    select distinct used.respondent_id, lineage.ancestor as item
    from used
    join lineage on lineage.indicator = 'channel_stage' and lineage.item = used.channel
)
select respondent_id, null as item, 0 as y from answers where channel_adoption is not null
union all
select respondent_id, item, 1 as y from reached
