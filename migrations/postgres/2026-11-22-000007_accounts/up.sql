-- People who sign in. No table of this file holds a secret, only hashes.
CREATE TABLE account_users (
    name         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    revision     BIGINT NOT NULL,
    identity     TEXT   NULL,                    -- a hash of issuer and subject at an OpenID provider
    signed_in_at BIGINT NULL,
    document     TEXT   NOT NULL                 -- JSON
);

CREATE UNIQUE INDEX account_users_identity ON account_users (identity);

-- What programs show.
CREATE TABLE account_tokens (
    hash     BYTEA  NOT NULL PRIMARY KEY,        -- 32 bytes
    name     TEXT   COLLATE "C" NOT NULL,
    used_at  BIGINT NULL,
    document TEXT   NOT NULL                     -- JSON
);

CREATE UNIQUE INDEX account_tokens_name ON account_tokens (name);

-- What browsers show.
CREATE TABLE account_sessions (
    hash       BYTEA   NOT NULL PRIMARY KEY,     -- 32 bytes
    holder     INTEGER NOT NULL,                 -- 0 a user, 1 the admin token, 2 a set-up link
    name       TEXT    NOT NULL,                 -- the user's; empty for the others
    generation BIGINT  NOT NULL,
    opened_at  BIGINT  NOT NULL,
    used_at    BIGINT  NOT NULL
);

CREATE INDEX account_sessions_name ON account_sessions (name);
