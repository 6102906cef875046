-- 1 for the scope of the project, asked where it is launched or implemented.
select respondent_id, null as item, 0 as y from answers where crm_scope is not null
union all
select respondent_id, crm_scope as item, 1 as y from answers where crm_scope is not null
