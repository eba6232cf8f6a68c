-- The runs that have a mark, which few have: a state they ended in other than success (its number), or a trigger other
-- than the schedule (its number and 100). They are looked for here, among all others they would take long to find.
-- Written with the run's row in one transaction, and never changed.
CREATE TABLE run_marks (
    mark INTEGER NOT NULL,
    run  BLOB    NOT NULL,
    job  BIGINT  NOT NULL,
    PRIMARY KEY (mark, run)
) WITHOUT ROWID;

CREATE INDEX run_marks_job ON run_marks (job, mark, run);

INSERT INTO run_marks (mark, run, job) SELECT state, id, job FROM runs WHERE state > 10;
INSERT INTO run_marks (mark, run, job) SELECT 100 + trigger_kind, id, job FROM runs WHERE trigger_kind > 0;
