-- A server commits every statement of a definition at once: each is made so that a migration that was cut short can be
-- done again.

-- The numbers given last. A row is locked by who takes the next number, so numbers grow in the order of commits.
CREATE TABLE IF NOT EXISTS counters (
    name  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO counters (name, value) VALUES ('job', 0), ('job_change', 0) ON DUPLICATE KEY UPDATE value = value;

-- Each job at its newest. Names compare by their bytes.
CREATE TABLE IF NOT EXISTS jobs (
    id              BIGINT       NOT NULL PRIMARY KEY,
    name            VARCHAR(128) NULL,           -- NULL once the job is deleted: the name is free again
    revision        INT          NOT NULL,
    definition      LONGTEXT     NOT NULL,       -- JSON
    anchor_at       BIGINT       NOT NULL,
    effective_from  BIGINT       NOT NULL,
    pause           LONGTEXT     NULL,           -- JSON
    created_at      BIGINT       NOT NULL,
    updated_at      BIGINT       NOT NULL,
    updated_by      TEXT         NOT NULL,
    deleted         BOOLEAN      NOT NULL DEFAULT FALSE,
    change_sequence BIGINT       NOT NULL,
    -- What lists are filtered by, taken from the two documents.
    enabled         BOOLEAN      NOT NULL,
    paused_until    BIGINT       NULL,           -- NULL: not paused; the largest number: until it is resumed
    target_group    TEXT         NULL,
    UNIQUE KEY jobs_name (name),
    UNIQUE KEY jobs_change_sequence (change_sequence)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Each revision as it was made. What never changes (anchor, created_at) is in `jobs`.
CREATE TABLE IF NOT EXISTS job_revisions (
    job            BIGINT   NOT NULL,
    revision       INT      NOT NULL,
    definition     LONGTEXT NOT NULL,
    effective_from BIGINT   NOT NULL,
    pause          LONGTEXT NULL,
    updated_at     BIGINT   NOT NULL,
    updated_by     TEXT     NOT NULL,
    PRIMARY KEY (job, revision)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
