-- What each row of answers weighs, where it is one respondent's. grain: one respondent
select respondent_id, profile_id, 1 as n, weight as w, weight * weight as w2 from respondents
