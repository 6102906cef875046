-- Of each channel that a company rated on all three criteria: whether it fits, and whether it is used.
with
rated as (
    select respondent_id, unnest(channel_fit) as rating from answers
),
-- grain: one item, by the channel rated, its place and a code of the channel in the channel tree
wanted as (
    select
        item,
        split_part(item, ':', 1) || ':' || split_part(item, ':', 2) as rated_channel,
        split_part(item, ':', 2) as channel,
        split_part(item, ':', 3) as place
    from items
    where indicator = 'channel_fit_use'
),
-- grain: one code that a rating can have, with the channel rated
criteria as (
    select item, split_part(item, ':', 1) || ':' || split_part(item, ':', 2) as rated_channel
    from items
    where indicator = 'channel_fit'
),
verdicts as (
    select rated.respondent_id, criteria.rated_channel, min(rated.rating.value) >= 4 as fits
    from rated
    join criteria on criteria.item = rated.rating.item
    group by rated.respondent_id, criteria.rated_channel
    having count(*) = 3
),
ticked as (
    select respondent_id, unnest(channel_adoption) as channel from answers where channel_fit is not null
),
users as (
    select distinct ticked.respondent_id, lineage.ancestor as channel
    from ticked
    join lineage on lineage.indicator = 'channel_adoption' and lineage.item = ticked.channel
)
select
    verdicts.respondent_id,
    wanted.item,
    case
        when wanted.place = (case when fits and users.channel is not null then 'fits_used'
            when fits then 'fits_unused'
            when users.channel is not null then 'unfit_used'
            else 'unfit_unused' end) then 1 else 0 end as y
from verdicts
join wanted on wanted.rated_channel = verdicts.rated_channel
left join users on users.respondent_id = verdicts.respondent_id and users.channel = wanted.channel
