-- grain: one profile, by identifier
-- `levels` lists its levels of the dimensions in $dimensions, in that order; null where it has none.
select
    profile_id,
    year,
    stratum,
    list_transform($dimensions::varchar[], lambda d: levels[d]) as levels
from profiles
order by profile_id
