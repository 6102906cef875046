-- The first free identifiers.
select
    (select coalesce(max(respondent_id), 0) + 1 from respondents) as first_respondent,
    (select coalesce(max(profile_id), 0) + 1 from profiles) as first_profile,
    (select coalesce(max(way), 0) + 1 from ways) as first_way;
