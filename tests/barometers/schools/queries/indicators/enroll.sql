-- The number of pupils itself.
select respondent_id, 'mean' as item, enroll as y from answers where enroll is not null
