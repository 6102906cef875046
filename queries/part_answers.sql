-- The answers of one part (parts.sql).
select * from answers where respondent_id between $first and $last
