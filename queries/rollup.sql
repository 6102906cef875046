-- Cells of a selection, summed. grain: one item × group × stratum of a wave.
-- `grp` lists the levels of the dimensions in $by, in that order; null where a respondent has none.
with
selected as (
    select
        profile_id,
        year,
        stratum,
        list_transform(
            $by::varchar[], lambda d: case when d = 'year' then year::varchar else levels[d] end
        ) as grp
    from profiles
    where coalesce(
        list_bool_and(
            list_transform(
                list_zip($dimensions::varchar[], $levels::varchar[][]),
                lambda f: coalesce(
                    list_contains(f[2], case when f[1] = 'year' then year::varchar else levels[f[1]] end),
                    false
                )
            )
        ),
        true
    )
)
select
    item,
    grp,
    year,
    stratum,
    sum(n)::bigint as n,
    sum(n_y)::bigint as n_y,
    sum(w) as w,
    sum(w2) as w2,
    sum(wy) as wy,
    sum(w2y) as w2y,
    sum(w2y2) as w2y2
from cells
join selected using (profile_id)
where indicator = $indicator
    and ($items::varchar[] is null or list_contains($items::varchar[], item))
group by all
order by all
