-- The cells of all parts, or those that a cluster summed, from their files.
insert into cells by name
select
    indicator,
    item,
    profile_id,
    sum(n)::bigint as n,
    sum(n_y)::bigint as n_y,
    sum(w) as w,
    sum(w2) as w2,
    sum(wy) as wy,
    sum(w2y) as w2y,
    sum(w2y2) as w2y2
from read_parquet($files)
group by all
