-- The cells that a cluster summed, from its files.
insert into cells by name select * from read_parquet($files);
