-- Indicators that no wave asks: their charts say so. grain: one indicator.
select distinct indicator
from items
anti join cells using (indicator)
order by all
