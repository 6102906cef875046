-- What the codebook declares, as tables that the queries join. Replaced at each publication.

-- grain: one item of one indicator
create or replace table items as
select indicator, item, parent, measure, position
from declared_items;

-- grain: one question that an indicator reads
create or replace table indicator_questions as
select indicator, question
from declared_questions;

-- grain: one item under each of its ancestors, itself included
create or replace table lineage as
with recursive climb as (
    select indicator, item, item as ancestor, parent
    from items
    union all
    select climb.indicator, climb.item, above.item as ancestor, above.parent
    from climb
    join items as above on above.indicator = climb.indicator and above.item = climb.parent
)
select indicator, item, ancestor
from climb;
