-- 1 for the stage that the company's project has reached.
select respondent_id, null as item, 0 as y from answers where crm_project is not null
union all
select respondent_id, crm_project as item, 1 as y from answers where crm_project is not null
