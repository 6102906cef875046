-- The responses of one part (parts.sql) to the questions of some indicators, which stand in
-- responses_to_them. Who answers them alike, in one wave, is one row, with a list of who they are.
select
    responses_to_them.* exclude (respondent_id),
    list({'profile_id': people.profile_id, 'weight': people.weight}) as people
from responses_to_them
join (
    select respondent_id, profile_id, weight from respondents where respondent_id between $first and $last
) as people using (respondent_id)
where responses_to_them.respondent_id between $first and $last
group by all
