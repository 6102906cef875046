-- Where the cells of a few profiles (look_at_few.sql), summed again as `again`, are not those of the
-- table of cells. Counts are equal; other sums are, but for what rounding may do: a billionth of their
-- size, which for sums of positive and negative y is the most that they could come to (Cauchy-Schwarz).
-- grain: the first sum that differs; null where a side lacks the cell
with
cells_of_few as (
    select * from cells semi join few_profiles using (profile_id)
),
sums as (
    select
        indicator,
        item,
        profile_id,
        unnest(
            [
                {'name': 'n', 'theirs': theirs.n, 'ours': ours.n, 'size': 0},
                {'name': 'n_y', 'theirs': theirs.n_y, 'ours': ours.n_y, 'size': 0},
                {'name': 'w', 'theirs': theirs.w, 'ours': ours.w, 'size': ours.w},
                {'name': 'w2', 'theirs': theirs.w2, 'ours': ours.w2, 'size': ours.w2},
                {'name': 'wy', 'theirs': theirs.wy, 'ours': ours.wy, 'size': sqrt(ours.n * ours.w2y2)},
                {'name': 'w2y', 'theirs': theirs.w2y, 'ours': ours.w2y, 'size': sqrt(ours.w2 * ours.w2y2)},
                {'name': 'w2y2', 'theirs': theirs.w2y2, 'ours': ours.w2y2, 'size': ours.w2y2}
            ],
            recursive := true
        )
    from cells_of_few as theirs
    full join again as ours using (indicator, item, profile_id)
)
select sums.indicator, sums.item, sums.profile_id, profiles.year, sums.name, sums.theirs, sums.ours
from sums
join profiles using (profile_id)
where
    theirs is distinct from ours
    and (isnan(theirs) or isnan(ours) or not coalesce(abs(theirs - ours) <= 1e-9 * size, false))
order by all
limit 1
