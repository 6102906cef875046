-- 1 for the one of the four that a company does: e-mailing, paper mailing, both or neither.
with
used as (
    select respondent_id, unnest(channel_adoption) as channel from answers
),
mailings as (
    select
        used.respondent_id,
        max(case when lineage.ancestor = 'e_mailing' then 1 else 0 end) as by_email,
        max(case when lineage.ancestor = 'paper_mailing' then 1 else 0 end) as by_post
    from used
    join lineage on lineage.indicator = 'channel_adoption' and lineage.item = used.channel
    group by used.respondent_id
),
mixes as (
    select
        answers.respondent_id,
        case
            when by_email = 1 and by_post = 1 then 'both_mailings'
            when by_email = 1 then 'e_mailing_only'
            when by_post = 1 then 'paper_mailing_only'
            else 'no_mailing'
        end as mix
    from answers
    left join mailings on mailings.respondent_id = answers.respondent_id
    where answers.channel_adoption is not null
)
select mixes.respondent_id, items.item, case when items.item = mixes.mix then 1 else 0 end as y
from mixes
join items on items.indicator = 'mailing_mix'
