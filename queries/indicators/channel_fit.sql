-- A criterion holds from 4 up; a channel is good for a segment when its three criteria all hold.
with
rated as (
    select respondent_id, unnest(channel_fit) as rating from answers
),
ratings as (
    select respondent_id, rating.item as item, rating.value as value from rated
),
verdicts as (
    select
        respondent_id,
        split_part(item, ':', 1) || ':' || split_part(item, ':', 2) || ':good' as item,
        case when min(value) >= 4 then 1 else 0 end as y
    from ratings
    group by respondent_id, split_part(item, ':', 1), split_part(item, ':', 2)
    having count(*) = 3
)
select respondent_id, item, case when value >= 4 then 1 else 0 end as y from ratings
union all
select respondent_id, item, y from verdicts
