-- 1 for the degree of synchronisation, and apart from it, 1 where it is a central concern.
select respondent_id, null as item, 0 as y from answers where synchro_channel is not null
union all
select respondent_id, synchro_channel as item, 1 as y from answers where synchro_channel is not null
union all
select respondent_id, 'concern' as item, case when synchro_concern = 'yes' then 1 else 0 end as y
from answers
where synchro_concern is not null
