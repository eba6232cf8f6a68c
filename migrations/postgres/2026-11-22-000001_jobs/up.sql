-- The numbers given last. A row is locked by who takes the next number, so numbers grow in the order of commits.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('job', 0), ('job_change', 0);

-- Each job at its newest. Names compare by their bytes.
CREATE TABLE jobs (
    id              BIGINT  NOT NULL PRIMARY KEY,
    name            TEXT    COLLATE "C" NULL,    -- NULL once the job is deleted: the name is free again
    revision        INTEGER NOT NULL,
    definition      TEXT    NOT NULL,            -- JSON
    anchor_at       BIGINT  NOT NULL,
    effective_from  BIGINT  NOT NULL,
    pause           TEXT    NULL,                -- JSON
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    updated_by      TEXT    NOT NULL,
    deleted         BOOLEAN NOT NULL DEFAULT FALSE,
    change_sequence BIGINT  NOT NULL,
    -- What lists are filtered by, taken from the two documents.
    enabled         BOOLEAN NOT NULL,
    paused_until    BIGINT  NULL,                -- NULL: not paused; the largest number: until it is resumed
    target_group    TEXT    NULL
);

CREATE UNIQUE INDEX jobs_name ON jobs (name);
CREATE UNIQUE INDEX jobs_change_sequence ON jobs (change_sequence);

-- Each revision as it was made. What never changes (anchor, created_at) is in `jobs`.
CREATE TABLE job_revisions (
    job            BIGINT  NOT NULL,
    revision       INTEGER NOT NULL,
    definition     TEXT    NOT NULL,
    effective_from BIGINT  NOT NULL,
    pause          TEXT    NULL,
    updated_at     BIGINT  NOT NULL,
    updated_by     TEXT    NOT NULL,
    PRIMARY KEY (job, revision)
);
