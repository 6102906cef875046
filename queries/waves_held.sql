-- grain: one wave of the owner's database
select year, provenance from waves order by year;
