-- What must hold of cells before they are published. grain: one failed check; none is good.
-- An item crossed from several lists (its code has a colon) may be asked by no wave: a channel that an
-- owner adds need not be asked for every activity.
with
per_wave as (
    select cells.indicator, cells.item, profiles.year, sum(cells.n) as n
    from cells
    join profiles using (profile_id)
    group by all
),
wave_sizes as (
    select year, count(*) as n from respondents group by all
),
answered as (
    unpivot (select count(columns(* exclude (respondent_id, year))) from responses)
    on columns(*) into name question value n
),
-- A wave may leave out a question, or an item: an indicator is due where all its questions have
-- answers, and of its items those that a wave asked. Computed items (a mean, a net) are no wave's.
due as (
    select indicator_questions.indicator
    from indicator_questions
    left join answered using (question)
    group by all
    having min(coalesce(answered.n, 0)) > 0
)
select
    'every item that a wave asks is answered in some wave; correct its query, or the wave' as rule,
    items.indicator || '/' || items.item as detail
from items
join due using (indicator)
anti join cells using (indicator, item)
left join (select indicator, count(*) as n from asked group by all) as asked_of using (indicator)
left join (select distinct indicator, item from asked) as asked_item using (indicator, item)
where items.item not like '%:%' and (asked_of.n is null or asked_item.item is not null)
union all
select 'every item that a query gives is declared', indicator || '/' || item
from (select distinct indicator, item from cells)
anti join items using (indicator, item)
union all
select 'bases are positive and no larger than the wave', per_wave.indicator || '/' || per_wave.item || '/' || per_wave.year
from per_wave
join wave_sizes using (year)
where per_wave.n <= 0 or per_wave.n > wave_sizes.n
union all
select 'y is 0 or 1, shares lie between', cells.indicator || '/' || cells.item
from cells
join items using (indicator, item)
where items.measure = 'share'
    and (
        cells.wy < 0 or cells.wy > cells.w * (1 + 1e-12) or cells.n_y > cells.n
        or abs(cells.w2y2 - cells.w2y) > 1e-9 * cells.w2 -- y² = y at 0 and 1 only
    )
union all
select 'every row has a finite y', cells.indicator || '/' || cells.item
from cells
where not isfinite(w) or not isfinite(w2) or not isfinite(wy) or not isfinite(w2y) or not isfinite(w2y2)
union all
select 'every respondent has a row of answers', 'wave ' || wave_sizes.year
from wave_sizes
left join (select year, count(*) as n from responses group by all) as answered using (year)
where answered.n is distinct from wave_sizes.n
union all
select 'every wave has respondents', 'wave ' || waves.year
from waves
anti join wave_sizes using (year)
union all
select 'strata add up to the wave', 'wave ' || wave_sizes.year
from wave_sizes
join (select year, sum(n) as n from strata group by all) as by_stratum using (year)
where by_stratum.n <> wave_sizes.n
union all
select 'a respondent answers an item once', cells.indicator || '/' || cells.item
from cells
join (select profile_id, count(*) as n from respondents group by all) as profile_sizes using (profile_id)
where cells.n > profile_sizes.n
limit 100
