-- Brings the whole table of answers back into sight.
drop table temp.answers;
