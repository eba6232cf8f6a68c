-- Nothing here: an update writes to the indexes whose columns it changes, and to no other, so `runs_unfinished` stays.
SELECT 1;
