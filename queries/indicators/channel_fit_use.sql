-- Of each channel that a company rated on all three criteria: whether it fits, and whether it is used.
with
rated as (
    select respondent_id, unnest(channel_fit) as rating from answers
),
verdicts as (
    select
        respondent_id,
        split_part(rating.item, ':', 1) as segment,
        split_part(rating.item, ':', 2) as channel,
        min(rating.value) >= 4 as fits
    from rated
    group by respondent_id, split_part(rating.item, ':', 1), split_part(rating.item, ':', 2)
    having count(*) = 3
),
ticked as (
    select respondent_id, unnest(channel_adoption) as channel from answers
),
users as (
    select distinct ticked.respondent_id, lineage.ancestor as channel
    from ticked
    join lineage on lineage.indicator = 'channel_adoption' and lineage.item = ticked.channel
),
places as (
    select
        verdicts.respondent_id,
        verdicts.segment || ':' || verdicts.channel as rated_channel,
        case
            when fits and users.channel is not null then 'fits_used'
            when fits then 'fits_unused'
            when users.channel is not null then 'unfit_used'
            else 'unfit_unused'
        end as place
    from verdicts
    left join users on users.respondent_id = verdicts.respondent_id and users.channel = verdicts.channel
)
select
    places.respondent_id,
    items.item,
    case when items.item = places.rated_channel || ':' || places.place then 1 else 0 end as y
from places
join items
    on items.indicator = 'channel_fit_use'
    and starts_with(items.item, places.rated_channel || ':')
