-- What people may want to be told of. Ids sort by time; an event that was dealt with stays for the history.
CREATE TABLE alert_events (
    id       BYTEA   NOT NULL PRIMARY KEY,       -- 16 bytes, derived from what happened
    kind     TEXT    NOT NULL,
    job      BIGINT  NULL,
    handled  BOOLEAN NOT NULL DEFAULT FALSE,
    document TEXT    NOT NULL                    -- JSON
);

CREATE INDEX alert_events_new ON alert_events (id) WHERE NOT handled;
CREATE INDEX alert_events_job ON alert_events (job, id);

-- What the alerter remembers: what is wrong ("incident"), what waits for a channel ("desk"), and in one row whose key is
-- zero who is the alerter ("owner") and under which epoch: who writes for it locks that row.
CREATE TABLE alert_states (
    id              BYTEA  NOT NULL PRIMARY KEY,
    kind            TEXT   NOT NULL,
    epoch           BIGINT NOT NULL DEFAULT 0,
    acknowledgement TEXT   NULL,                 -- JSON, written by people alone
    document        TEXT   NOT NULL              -- JSON
);

INSERT INTO alert_states (id, kind, document) VALUES ('\x00000000000000000000000000000000', 'owner', '');

-- What is on its way to people, and what was told them.
CREATE TABLE alert_deliveries (
    id         BYTEA   NOT NULL PRIMARY KEY,
    channel    TEXT    NOT NULL,
    progress   INTEGER NOT NULL,
    created_at BIGINT  NOT NULL,
    due_at     BIGINT  NOT NULL,
    document   TEXT    NOT NULL                  -- JSON
);

CREATE INDEX alert_deliveries_due ON alert_deliveries (due_at, id) WHERE progress = 0;

-- What nobody wants to hear of for a while.
CREATE TABLE alert_silences (
    id       BYTEA  NOT NULL PRIMARY KEY,
    until_at BIGINT NOT NULL,
    document TEXT   NOT NULL                     -- JSON
);
