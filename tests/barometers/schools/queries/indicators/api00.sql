-- The index itself.
select respondent_id, 'mean' as item, api00 as y from answers where api00 is not null
