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

-- The jobs that have a mark, by name: a word, and what it is about. Lists are filtered by them. Written with the job.
CREATE TABLE job_marks (
    mark TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (mark, name)
) WITHOUT ROWID;

INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'label ' || each.key, jobs.name FROM jobs, json_each(jobs.definition, '$.labels') AS each WHERE jobs.name IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'label ' || each.value, jobs.name FROM jobs, json_each(jobs.definition, '$.labels') AS each WHERE jobs.name IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'label ' || each.key || '=' || each.value, jobs.name FROM jobs, json_each(jobs.definition, '$.labels') AS each WHERE jobs.name IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'target ' || each.key, jobs.name FROM jobs, json_each(jobs.definition, '$.target.labels') AS each WHERE jobs.name IS NOT NULL AND json_type(jobs.definition, '$.target') = 'object';
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'target ' || each.value, jobs.name FROM jobs, json_each(jobs.definition, '$.target.labels') AS each WHERE jobs.name IS NOT NULL AND json_type(jobs.definition, '$.target') = 'object';
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'target ' || each.key || '=' || each.value, jobs.name FROM jobs, json_each(jobs.definition, '$.target.labels') AS each WHERE jobs.name IS NOT NULL AND json_type(jobs.definition, '$.target') = 'object';
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'channel ' || each.value, jobs.name FROM jobs, json_each(jobs.definition, '$.alerts') AS each WHERE jobs.name IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'target ' || json_extract(definition, '$.target.node'), jobs.name FROM jobs WHERE name IS NOT NULL AND json_extract(definition, '$.target.node') IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'target ' || target_group, jobs.name FROM jobs WHERE name IS NOT NULL AND target_group IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'group ' || target_group, jobs.name FROM jobs WHERE name IS NOT NULL AND target_group IS NOT NULL;
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'inactive', name FROM jobs WHERE name IS NOT NULL AND (NOT enabled OR paused_until IS NOT NULL);
INSERT OR IGNORE INTO job_marks (mark, name) SELECT 'manual', name FROM jobs WHERE name IS NOT NULL AND json_extract(definition, '$.schedule') IS NULL;
