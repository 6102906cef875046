-- The respondents of one part (parts.sql).
select * from respondents where respondent_id between $first and $last
