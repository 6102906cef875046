-- The lists of answers of those who are looked at (look_at_some.sql, look_at_few.sql).
create or replace temp table ways as
select * from ways
where way in (
    select way::bigint
    from (
        unpivot (select try_cast(columns(* exclude (respondent_id, year))::varchar as bigint) from responses)
        on columns(*) into name question value way
    )
);
