-- What people may want to be told of. Ids sort by time; an event that was dealt with stays for the history.
CREATE TABLE IF NOT EXISTS alert_events (
    id       BINARY(16)  NOT NULL PRIMARY KEY,   -- derived from what happened
    kind     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    job      BIGINT      NULL,
    handled  BOOLEAN     NOT NULL DEFAULT FALSE,
    document LONGTEXT    NOT NULL,               -- JSON
    KEY alert_events_new (handled, id),
    KEY alert_events_job (job, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the alerter remembers: what is wrong ("incident"), what waits for a channel ("desk"), and in one row whose key is
-- zero who is the alerter ("owner") and under which epoch: who writes for it locks that row.
CREATE TABLE IF NOT EXISTS alert_states (
    id              BINARY(16)  NOT NULL PRIMARY KEY,
    kind            VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    epoch           BIGINT      NOT NULL DEFAULT 0,
    acknowledgement LONGTEXT    NULL,            -- JSON, written by people alone
    document        LONGTEXT    NOT NULL         -- JSON
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO alert_states (id, kind, document) VALUES (UNHEX(REPEAT('00', 16)), 'owner', '')
ON DUPLICATE KEY UPDATE kind = alert_states.kind;

-- What is on its way to people, and what was told them.
CREATE TABLE IF NOT EXISTS alert_deliveries (
    id         BINARY(16)  NOT NULL PRIMARY KEY,
    channel    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    progress   INT         NOT NULL,
    created_at BIGINT      NOT NULL,
    due_at     BIGINT      NOT NULL,
    document   LONGTEXT    NOT NULL,             -- JSON
    KEY alert_deliveries_due (progress, due_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What nobody wants to hear of for a while.
CREATE TABLE IF NOT EXISTS alert_silences (
    id       BINARY(16) NOT NULL PRIMARY KEY,
    until_at BIGINT     NOT NULL,
    document LONGTEXT   NOT NULL                 -- JSON
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
