-- Takes the named waves out, before their new files come in.
delete from responses where year in (select unnest($years::smallint[]));
delete from ways where year in (select unnest($years::smallint[]));
delete from respondents where year in (select unnest($years::smallint[]));
delete from profiles where year in (select unnest($years::smallint[]));
delete from asked where year in (select unnest($years::smallint[]));
delete from waves where year in (select unnest($years::smallint[]));
