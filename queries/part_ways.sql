-- The lists of answers to some questions in the waves of one part (parts.sql).
select way, items, ratings
from ways
where question in (select unnest($questions::varchar[]))
    and year in (select distinct year from respondents where respondent_id between $first and $last)
