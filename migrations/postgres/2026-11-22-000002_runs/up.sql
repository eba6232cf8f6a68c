-- Every run that is kept. The key is derived from the slot: it is the fence that makes creation happen once.
-- The defaults are what a row has that waits for its moment, so that the usual insert names few columns. Every further
-- index costs more than the row: there are two. A third of each page is left free, so that a row that is assigned or
-- started finds room beside itself and no index hears of it (a heap-only update).
CREATE TABLE runs (
    id               BYTEA   NOT NULL PRIMARY KEY,  -- 16 bytes, sorting by due instant
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
    healthy          BOOLEAN NOT NULL DEFAULT FALSE,
    trigger_kind     INTEGER NOT NULL DEFAULT 0,
    attempt          BIGINT  NOT NULL DEFAULT 1,
    shard            BIGINT  NOT NULL DEFAULT 0,
    not_before       BIGINT  NULL,                  -- NULL: due_at
    params           TEXT    NULL,                  -- JSON
    user_ms          BIGINT  NULL,                  -- NULL: no process
    system_ms        BIGINT  NULL,
    max_rss_bytes    BIGINT  NULL,
    output_bytes     BIGINT  NOT NULL DEFAULT 0,
    output_truncated BOOLEAN NOT NULL DEFAULT FALSE,
    -- Of its own, because an index on `state` itself would be touched by every step of a run.
    is_over          BOOLEAN GENERATED ALWAYS AS (state >= 10) STORED
) WITH (fillfactor = 67);

-- A job's history.
CREATE INDEX runs_job ON runs (job, id);

-- What is not over: read after a crash, so it must not be looked for among what is over.
CREATE INDEX runs_unfinished ON runs (id) WHERE NOT is_over;

-- Which run an idempotency key has, for as long as the run is kept.
CREATE TABLE submissions (
    idempotency_key TEXT  COLLATE "C" NOT NULL PRIMARY KEY,
    run             BYTEA NOT NULL
);

CREATE INDEX submissions_run ON submissions (run);
