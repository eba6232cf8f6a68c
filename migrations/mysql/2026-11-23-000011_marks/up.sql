-- The runs that have a mark, which few have: a state they ended in other than success (its number), or a trigger other
-- than the schedule (its number and 100). They are looked for here, among all others they would take long to find.
-- Written with the run's row in one transaction, and never changed.
CREATE TABLE IF NOT EXISTS run_marks (
    mark INT        NOT NULL,
    run  BINARY(16) NOT NULL,
    job  BIGINT     NOT NULL,
    PRIMARY KEY (mark, run),
    KEY run_marks_job (job, mark, run)
) ENGINE = InnoDB;

INSERT IGNORE INTO run_marks (mark, run, job) SELECT state, id, job FROM runs WHERE state > 10;
INSERT IGNORE INTO run_marks (mark, run, job) SELECT 100 + trigger_kind, id, job FROM runs WHERE trigger_kind > 0;
