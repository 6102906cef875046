-- Strata of one respondent in the whole sample: their variance cannot be estimated from within.
select year, stratum from strata where n = 1 order by all
