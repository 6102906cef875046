-- 1 for the answer that the school gave.
select respondent_id, null as item, 0 as y from answers where awards is not null
union all
select respondent_id, awards as item, 1 as y from answers where awards is not null
