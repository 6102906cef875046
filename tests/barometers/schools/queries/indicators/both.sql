-- 1 for the answer that the school gave; the column's name is a word of SQL, so it is quoted.
select respondent_id, null as item, 0 as y from answers where "both" is not null
union all
select respondent_id, "both" as item, 1 as y from answers where "both" is not null
