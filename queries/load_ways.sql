-- Brings in the ways to answer of the waves that come, each once, whichever parts of a file had it;
-- those of year 0 nobody has.
create temp table same_ways as
select year, question, items, ratings, min(way) as way, list(way) as ways
from incoming_ways
group by all;
insert into ways by name select * exclude (ways) from same_ways where year > 0;
