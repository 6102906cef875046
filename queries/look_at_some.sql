-- Some respondents, a thousand in $step thousands, and the lists that they gave, in tables that hide the
-- whole ones from the queries that come after it. In thousands: what lies between is not read.
create or replace temp table responses as
select * from responses where respondent_id // 1000 % $step = 0;
create or replace temp table ways as
select * from ways
where way in (
    select way::bigint
    from (
        unpivot (select try_cast(columns(* exclude (respondent_id, year))::varchar as bigint) from responses)
        on columns(*) into name question value way
    )
);
