-- 1 for each target × horizon, and for a target planned at one horizon at least.
with
planned as (
    select respondent_id, unnest(planned_investment) as plan from answers
),
reached as (
    select distinct planned.respondent_id, lineage.ancestor as item
    from planned
    join lineage on lineage.indicator = 'planned_investment' and lineage.item = planned.plan
)
select respondent_id, null as item, 0 as y from answers where planned_investment is not null
union all
select respondent_id, item, 1 as y from reached
