-- The first free identifiers, and the waves at hand.
select
    (select coalesce(max(respondent_id), 0) + 1 from respondents) as first_respondent,
    (select coalesce(max(profile_id), 0) + 1 from profiles) as first_profile;
