-- Parts of the respondents, by their identifiers. grain: one part that has somebody
select min(respondent_id) as first, max(respondent_id) as last
from respondents
group by respondent_id // $size
order by first
