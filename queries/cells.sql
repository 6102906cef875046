-- The only aggregation of microdata: the cells of one indicator.
-- `indicator_rows` is the indicator's own file. Grain there: one respondent and item, with its y.
-- A row with no item puts its respondent in the base of every item of the indicator that the wave
-- asked, with y = 0 unless another row says otherwise: zeros need not be written out.
-- A row with an item and no y is a mistake: NaN keeps it in sight until verify.sql.
-- `weights` says what a respondent weighs: one, or all who answer alike (alike.sql).
with
answered as (
    select respondent_id, item, coalesce(y, 'nan'::double) as y from indicator_rows
),
-- Few y differ: whatever is multiplied by one is summed before. grain: one item, profile and y
by_y as (
    select
        answered.item,
        weights.profile_id,
        answered.y,
        sum(weights.n) as n,
        sum(weights.w) as w,
        sum(weights.w2) as w2
    from answered
    join weights on weights.respondent_id = answered.respondent_id
    group by all
),
sums as (
    select
        by_y.item,
        by_y.profile_id,
        sum(by_y.n) as n,
        sum(case when by_y.y <> 0 then by_y.n else 0 end) as n_y,
        sum(by_y.w) as w,
        sum(by_y.w2) as w2,
        sum(by_y.w * by_y.y) as wy,
        sum(by_y.w2 * by_y.y) as w2y,
        sum(by_y.w2 * by_y.y * by_y.y) as w2y2
    from by_y
    group by by_y.item, by_y.profile_id
),
shared_base as (
    select sums.*, profiles.year
    from sums
    join profiles on profiles.profile_id = sums.profile_id
    where sums.item is null
),
asked_items as (
    select item, year from asked where indicator = $indicator
),
on_shared_base as (
    select
        asked_items.item,
        shared_base.profile_id,
        shared_base.n,
        coalesce(sums.n_y, 0) as n_y,
        shared_base.w,
        shared_base.w2,
        coalesce(sums.wy, 0) as wy,
        coalesce(sums.w2y, 0) as w2y,
        coalesce(sums.w2y2, 0) as w2y2
    from shared_base
    join asked_items on asked_items.year = shared_base.year
    left join sums on sums.profile_id = shared_base.profile_id and sums.item = asked_items.item
),
on_own_base as (
    select sums.item, sums.profile_id, sums.n, sums.n_y, sums.w, sums.w2, sums.wy, sums.w2y, sums.w2y2
    from sums
    anti join on_shared_base
        on on_shared_base.profile_id = sums.profile_id and on_shared_base.item = sums.item
    where sums.item is not null
),
all_cells as (
    select * from on_shared_base
    union all
    select * from on_own_base
)
select $indicator as indicator, item, profile_id, n, n_y, w, w2, wy, w2y, w2y2
from all_cells
