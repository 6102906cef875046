-- grain: one wave, with what the method page says of its sample
select
    waves.year,
    waves.file,
    waves.sha256,
    waves.provenance,
    waves.weighted,
    waves.stratified,
    count(*) as n,
    min(weight) as weight_min,
    max(weight) as weight_max,
    sum(weight) as weight_sum,
    pow(sum(weight), 2) / sum(weight * weight) as effective_base,
    count(distinct profiles.stratum) as strata
from waves
join respondents using (year)
join profiles using (profile_id)
group by all
order by waves.year
