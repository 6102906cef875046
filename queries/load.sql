-- Brings in one checked wave file: the incoming_* relations come from intake.
insert into waves by name from incoming_waves;
insert into profiles by name select * replace (profile_id + $first_profile as profile_id) from incoming_profiles;
insert into respondents by name
select * replace (respondent_id + $first_respondent as respondent_id, profile_id + $first_profile as profile_id)
from incoming_respondents;
insert into answers by name
select * replace (respondent_id + $first_respondent as respondent_id)
from incoming_answers;
insert into asked by name from incoming_asked;
