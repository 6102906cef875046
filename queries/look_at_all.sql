-- Brings the whole tables back into sight.
drop table temp.responses;
drop table temp.ways;
drop table if exists temp.respondents;
