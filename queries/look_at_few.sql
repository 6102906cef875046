-- Whole profiles with some $respondents respondents, and what these answered, in tables that hide the
-- whole ones from what comes after it. First one profile of each wave, of those that leave room for
-- the other waves'; then a second one, and so on. Their order looks random, and is always the same.
create or replace temp table few_profiles as
with
sizes as (
    select
        profile_id,
        year,
        greatest(count(*), $respondents // (select count(distinct year) from respondents)) as size,
        count(*) as n
    from respondents
    group by all
),
turns as (
    select
        *,
        row_number() over (partition by year order by size, md5(profile_id::varchar), profile_id) as turn
    from sizes
),
in_turn as (
    select
        profile_id,
        sum(n) over (order by turn, size, year rows between unbounded preceding and current row) - n as before
    from turns
)
select profile_id from in_turn where before < $respondents;

create or replace temp table respondents as
select * from respondents semi join few_profiles using (profile_id);

create or replace temp table responses as
select * from responses semi join respondents using (respondent_id);
