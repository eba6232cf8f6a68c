ALTER TABLE runs SET (fillfactor = 67);

ALTER TABLE runs ADD COLUMN is_over BOOLEAN GENERATED ALWAYS AS (state >= 10) STORED;

CREATE INDEX runs_unfinished ON runs (id) WHERE NOT is_over;

DROP TABLE unfinished_runs;
