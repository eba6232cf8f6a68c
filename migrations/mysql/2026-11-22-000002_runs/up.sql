-- Every run that is kept. The key is derived from the slot: it is the fence that makes creation happen once. Rows lie in
-- its order, which is that of due instants, so that a batch lands on few pages.
-- The defaults are what a row has that waits for its moment, so that the usual insert names few columns. Every further
-- index costs more than the row: there are two.
CREATE TABLE IF NOT EXISTS runs (
    id               BINARY(16) NOT NULL PRIMARY KEY,
    job              BIGINT     NOT NULL,
    partition_number INT        NOT NULL,
    revision         INT        NOT NULL,
    due_at           BIGINT     NOT NULL,
    created_at       BIGINT     NOT NULL,
    state            INT        NOT NULL DEFAULT 0,
    node             VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    started_at       BIGINT     NULL,
    ended_at         BIGINT     NULL,
    exit_code        INT        NULL,
    exit_signal      INT        NULL,
    reason           MEDIUMTEXT NULL,               -- NULL: nothing to say
    healthy          BOOLEAN    NOT NULL DEFAULT FALSE,
    trigger_kind     INT        NOT NULL DEFAULT 0,
    attempt          BIGINT     NOT NULL DEFAULT 1,
    shard            BIGINT     NOT NULL DEFAULT 0,
    not_before       BIGINT     NULL,               -- NULL: due_at
    params           LONGTEXT   NULL,               -- JSON
    user_ms          BIGINT     NULL,               -- NULL: no process
    system_ms        BIGINT     NULL,
    max_rss_bytes    BIGINT     NULL,
    output_bytes     BIGINT     NOT NULL DEFAULT 0,
    output_truncated BOOLEAN    NOT NULL DEFAULT FALSE,
    is_over          BOOLEAN    GENERATED ALWAYS AS (state >= 10) STORED,
    KEY runs_job (job),                             -- with the key of the table behind it: a job's history
    KEY runs_unfinished (is_over)                   -- read after a crash: not to be looked for among what is over
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which run an idempotency key has, for as long as the run is kept.
CREATE TABLE IF NOT EXISTS submissions (
    idempotency_key VARBINARY(512) NOT NULL PRIMARY KEY,
    run             BINARY(16)     NOT NULL,
    KEY submissions_run (run)
) ENGINE = InnoDB;
