-- Codes of the codebook as one enumeration: queries join and group on small numbers, not on texts.
-- The types that hold texts in `answers`, each beside the one that takes its place.
create or replace type code as enum (select code from known_codes order by code);
select
    null::varchar as text_of,
    null::code as code_of,
    null::varchar[] as texts_of,
    null::code[] as codes_of,
    null::struct(item varchar, "value" double)[] as ratings_of_texts,
    null::struct(item code, "value" double)[] as ratings_of_codes
