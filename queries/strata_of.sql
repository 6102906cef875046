-- grain: one stratum of one wave of the publication
select year, stratum, n from strata order by all
