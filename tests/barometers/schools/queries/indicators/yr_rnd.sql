-- 1 for the answer that the school gave.
select respondent_id, null as item, 0 as y from answers where yr_rnd is not null
union all
select respondent_id, yr_rnd as item, 1 as y from answers where yr_rnd is not null
