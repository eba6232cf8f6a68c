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

-- The jobs that have a mark, by name: a word, and what it is about. Lists are filtered by them. Written with the job.
CREATE TABLE IF NOT EXISTS job_marks (
    mark VARCHAR(400) NOT NULL,
    name VARCHAR(128) NOT NULL,
    PRIMARY KEY (mark, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO job_marks (mark, name) SELECT concat('label ', each_one.label), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('label ', JSON_UNQUOTE(JSON_EXTRACT(jobs.definition, concat('$.labels.', JSON_QUOTE(each_one.label))))), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('label ', each_one.label, '=', JSON_UNQUOTE(JSON_EXTRACT(jobs.definition, concat('$.labels.', JSON_QUOTE(each_one.label))))), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('target ', each_one.label), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.target.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('target ', JSON_UNQUOTE(JSON_EXTRACT(jobs.definition, concat('$.target.labels.', JSON_QUOTE(each_one.label))))), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.target.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('target ', each_one.label, '=', JSON_UNQUOTE(JSON_EXTRACT(jobs.definition, concat('$.target.labels.', JSON_QUOTE(each_one.label))))), jobs.name FROM jobs, JSON_TABLE(JSON_KEYS(jobs.definition, '$.target.labels'), '$[*]' COLUMNS (label VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('channel ', each_one.channel), jobs.name FROM jobs, JSON_TABLE(jobs.definition, '$.alerts[*]' COLUMNS (channel VARCHAR(255) PATH '$')) AS each_one WHERE jobs.name IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('target ', JSON_UNQUOTE(JSON_EXTRACT(definition, '$.target.node'))), jobs.name FROM jobs WHERE name IS NOT NULL AND JSON_UNQUOTE(JSON_EXTRACT(definition, '$.target.node')) IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('target ', target_group), jobs.name FROM jobs WHERE name IS NOT NULL AND target_group IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT concat('group ', target_group), jobs.name FROM jobs WHERE name IS NOT NULL AND target_group IS NOT NULL;
INSERT IGNORE INTO job_marks (mark, name) SELECT 'inactive', name FROM jobs WHERE name IS NOT NULL AND (NOT enabled OR paused_until IS NOT NULL);
INSERT IGNORE INTO job_marks (mark, name) SELECT 'manual', name FROM jobs WHERE name IS NOT NULL AND JSON_EXTRACT(definition, '$.schedule') IS NULL;
