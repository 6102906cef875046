-- 1 for the answer that the school gave: its type.
select respondent_id, null as item, 0 as y from answers where stype is not null
union all
select respondent_id, stype as item, 1 as y from answers where stype is not null
