-- Brings in checked waves: the incoming_* relations come from intake, under identifiers not taken
-- here (next_ids.sql). One insert a table, for DuckDB writes what is added to a row group again.
drop table temp.same_ways;
insert into waves by name from incoming_waves;
insert into profiles by name from incoming_profiles;
insert into respondents by name from incoming_respondents;
insert into responses by name from incoming_responses;
insert into asked by name from incoming_asked;
