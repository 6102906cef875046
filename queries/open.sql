-- A publication in memory, then nothing more may be read, written, loaded or set.
create table cells as from read_parquet($cells);
create table profiles as from read_parquet($profiles);
create table strata as from read_parquet($strata);
set enable_external_access = false;
set lock_configuration = true;
