CREATE TABLE __diesel_schema_migrations (
       version VARCHAR(50) PRIMARY KEY NOT NULL,
       run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE jobs (
    id              INTEGER NOT NULL PRIMARY KEY,
    name            TEXT    NULL,               -- NULL once the job is deleted: the name is free again
    revision        INTEGER NOT NULL,
    definition      TEXT    NOT NULL,           -- JSON
    anchor_at       BIGINT  NOT NULL,
    effective_from  BIGINT  NOT NULL,
    pause           TEXT    NULL,               -- JSON
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    updated_by      TEXT    NOT NULL,
    deleted         BOOLEAN NOT NULL DEFAULT 0,
    change_sequence BIGINT  NOT NULL,
    -- What lists are filtered by, taken from the two documents.
    enabled         BOOLEAN NOT NULL,
    paused_until    BIGINT  NULL,               -- NULL: not paused; the largest number: until it is resumed
    target_group    TEXT    NULL
, former TEXT NULL);
CREATE UNIQUE INDEX jobs_name ON jobs (name);
CREATE UNIQUE INDEX jobs_change_sequence ON jobs (change_sequence);
CREATE TABLE job_revisions (
    job            INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    definition     TEXT    NOT NULL,
    effective_from BIGINT  NOT NULL,
    pause          TEXT    NULL,
    updated_at     BIGINT  NOT NULL,
    updated_by     TEXT    NOT NULL,
    PRIMARY KEY (job, revision)
) WITHOUT ROWID;
CREATE TABLE runs (
    id               BLOB    NOT NULL UNIQUE,       -- 16 bytes, sorting by due instant
    job              BIGINT  NOT NULL,
    partition_number INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    due_at           BIGINT  NOT NULL,
    created_at       BIGINT  NOT NULL,
    state            INTEGER NOT NULL DEFAULT 0,
    node             TEXT    NULL,
    started_at       BIGINT  NULL,
    ended_at         BIGINT  NULL,
    exit_code        INTEGER NULL,
    exit_signal      INTEGER NULL,
    reason           TEXT    NULL,                  -- NULL: nothing to say
    healthy          BOOLEAN NOT NULL DEFAULT 0,
    trigger_kind     INTEGER NOT NULL DEFAULT 0,
    attempt          BIGINT  NOT NULL DEFAULT 1,
    shard            BIGINT  NOT NULL DEFAULT 0,
    not_before       BIGINT  NULL,                  -- NULL: due_at
    params           TEXT    NULL,                  -- JSON
    user_ms          BIGINT  NULL,                  -- NULL: no process
    system_ms        BIGINT  NULL,
    max_rss_bytes    BIGINT  NULL,
    output_bytes     BIGINT  NOT NULL DEFAULT 0,
    output_truncated BOOLEAN NOT NULL DEFAULT 0
, note TEXT NULL);
CREATE INDEX runs_job ON runs (job, id);
CREATE INDEX runs_unfinished ON runs (id) WHERE state < 10;
CREATE TABLE submissions (
    idempotency_key TEXT NOT NULL PRIMARY KEY,
    run             BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX submissions_run ON submissions (run);
CREATE TABLE partitions (
    partition_number INTEGER NOT NULL PRIMARY KEY,
    owner            TEXT    NOT NULL,
    epoch            BIGINT  NOT NULL,
    watermark        BIGINT  NOT NULL
);
CREATE TABLE alert_events (
    id       BLOB    NOT NULL PRIMARY KEY,       -- 16 bytes, derived from what happened
    kind     TEXT    NOT NULL,
    job      BIGINT  NULL,
    handled  BOOLEAN NOT NULL DEFAULT 0,
    document TEXT    NOT NULL                    -- JSON
) WITHOUT ROWID;
CREATE INDEX alert_events_new ON alert_events (id) WHERE NOT handled;
CREATE INDEX alert_events_job ON alert_events (job, id);
CREATE TABLE alert_states (
    id              BLOB   NOT NULL PRIMARY KEY,
    kind            TEXT   NOT NULL,
    epoch           BIGINT NOT NULL DEFAULT 0,
    acknowledgement TEXT   NULL,                 -- JSON, written by people alone
    document        TEXT   NOT NULL              -- JSON
) WITHOUT ROWID;
CREATE TABLE alert_deliveries (
    id         BLOB    NOT NULL PRIMARY KEY,
    channel    TEXT    NOT NULL,
    progress   INTEGER NOT NULL,
    created_at BIGINT  NOT NULL,
    due_at     BIGINT  NOT NULL,
    document   TEXT    NOT NULL                  -- JSON
) WITHOUT ROWID;
CREATE INDEX alert_deliveries_due ON alert_deliveries (due_at, id) WHERE progress = 0;
CREATE TABLE alert_silences (
    id       BLOB   NOT NULL PRIMARY KEY,
    until_at BIGINT NOT NULL,
    document TEXT   NOT NULL                     -- JSON
) WITHOUT ROWID;
CREATE TABLE account_users (
    name         TEXT   NOT NULL PRIMARY KEY,
    revision     BIGINT NOT NULL,
    identity     TEXT   NULL,                    -- a hash of issuer and subject at an OpenID provider
    signed_in_at BIGINT NULL,
    document     TEXT   NOT NULL                 -- JSON
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_users_identity ON account_users (identity);
CREATE TABLE account_tokens (
    hash     BLOB   NOT NULL PRIMARY KEY,        -- 32 bytes
    name     TEXT   NOT NULL,
    used_at  BIGINT NULL,
    document TEXT   NOT NULL                     -- JSON
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_tokens_name ON account_tokens (name);
CREATE TABLE account_sessions (
    hash       BLOB    NOT NULL PRIMARY KEY,     -- 32 bytes
    holder     INTEGER NOT NULL,                 -- 0 a user, 1 the admin token, 2 a set-up link
    name       TEXT    NOT NULL,                 -- the user's; empty for the others
    generation BIGINT  NOT NULL,
    opened_at  BIGINT  NOT NULL,
    used_at    BIGINT  NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_sessions_name ON account_sessions (name);
CREATE TABLE audit_entries (
    id          BLOB NOT NULL PRIMARY KEY,       -- 16 bytes
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_name TEXT NOT NULL,
    document    TEXT NOT NULL                    -- JSON
) WITHOUT ROWID;
CREATE INDEX audit_entries_actor ON audit_entries (actor, id);
CREATE INDEX audit_entries_action ON audit_entries (action, id);
CREATE INDEX audit_entries_object ON audit_entries (object_name, id);
CREATE TABLE secrets (
    name     TEXT   NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL                     -- JSON
);
CREATE TABLE run_marks (
    mark INTEGER NOT NULL,
    run  BLOB    NOT NULL,
    job  BIGINT  NOT NULL,
    PRIMARY KEY (mark, run)
) WITHOUT ROWID;
CREATE INDEX run_marks_job ON run_marks (job, mark, run);
CREATE TABLE job_marks (
    mark TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (mark, name)
) WITHOUT ROWID;

INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000001','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000002','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000003','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000004','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000005','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000006','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000007','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000008','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000009','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261122000010','2026-11-23 07:08:12');
INSERT INTO __diesel_schema_migrations(version,run_on) VALUES('20261123000011','2026-11-23 07:08:12');
