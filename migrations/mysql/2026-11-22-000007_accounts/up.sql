-- People who sign in. No table of this file holds a secret, only hashes.
CREATE TABLE IF NOT EXISTS account_users (
    name         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    revision     BIGINT      NOT NULL,
    identity     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,   -- a hash of issuer and subject at an OpenID provider
    signed_in_at BIGINT      NULL,
    document     LONGTEXT    NOT NULL,           -- JSON
    UNIQUE KEY account_users_identity (identity)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What programs show.
CREATE TABLE IF NOT EXISTS account_tokens (
    hash     BINARY(32)  NOT NULL PRIMARY KEY,
    name     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    used_at  BIGINT      NULL,
    document LONGTEXT    NOT NULL,               -- JSON
    UNIQUE KEY account_tokens_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What browsers show.
CREATE TABLE IF NOT EXISTS account_sessions (
    hash       BINARY(32)  NOT NULL PRIMARY KEY,
    holder     INT         NOT NULL,             -- 0 a user, 1 the admin token, 2 a set-up link
    name       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,   -- the user's; empty for the others
    generation BIGINT      NOT NULL,
    opened_at  BIGINT      NOT NULL,
    used_at    BIGINT      NOT NULL,
    KEY account_sessions_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
