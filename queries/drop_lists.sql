-- Their lists come in again as ways to answer; a view takes the name.
drop table answers
