-- Which of the ways that come (load_ways.sql) are one. grain: one of them
select unnest(ways) as way, way as first_way from same_ways
