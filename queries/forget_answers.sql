-- No wave stays, so no column of answers need stay as it was.
create or replace table answers (respondent_id bigint not null, year smallint not null)
