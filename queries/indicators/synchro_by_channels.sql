-- By how many channels a company uses: 1 where contacts are synchronised, 1 where it is a concern.
with
companies as (
    select
        respondent_id,
        case
            when array_length(channel_adoption) is null or array_length(channel_adoption) = 0 then '0'
            when array_length(channel_adoption) <= 2 then '1_2'
            when array_length(channel_adoption) <= 4 then '3_4'
            when array_length(channel_adoption) <= 6 then '5_6'
            when array_length(channel_adoption) <= 8 then '7_8'
            else '9_more'
        end as channels,
        synchro_channel,
        synchro_concern
    from answers
    where channel_adoption is not null
)
select
    respondent_id,
    channels || ':synchronised' as item,
    case when synchro_channel in ('partial', 'full') then 1 else 0 end as y
from companies
where synchro_channel is not null
union all
select respondent_id, channels || ':central' as item, case when synchro_concern = 'yes' then 1 else 0 end as y
from companies
where synchro_concern is not null
