-- Whether respondents were stored when the table of answers had the lists themselves.
select count(*) > 0 from duckdb_tables() where table_name = 'answers' and not temporary
