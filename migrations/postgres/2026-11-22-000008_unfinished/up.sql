-- The runs that are not over, in a table of their own: a run is put in when it is created and taken out when it ends.
-- An index on `runs` that knew of it would be touched by every end of a run, and PostgreSQL then writes the new version
-- of the row into all other indexes as well. Without one, the end of a run touches its page and no index.
CREATE TABLE unfinished_runs (
    id               BYTEA   NOT NULL PRIMARY KEY,
    partition_number INTEGER NOT NULL
);

INSERT INTO unfinished_runs (id, partition_number) SELECT id, partition_number FROM runs WHERE NOT is_over;

DROP INDEX runs_unfinished;

ALTER TABLE runs DROP COLUMN is_over;

-- Room in each page for the end of every run in it, which may be written before its beginning may be forgotten.
ALTER TABLE runs SET (fillfactor = 45);
