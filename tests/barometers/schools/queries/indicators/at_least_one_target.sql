-- 1 for a school that met its own target, or whose groups of pupils all improved.
select
    respondent_id,
    'at_least_one' as item,
    case when sch_wide = 'Yes' or comp_imp = 'Yes' then 1 else 0 end as y
from answers
where sch_wide is not null and comp_imp is not null
