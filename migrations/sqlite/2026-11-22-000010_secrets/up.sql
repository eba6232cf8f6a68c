-- What jobs name and nobody reads. The value in the document is sealed, and bound to name and version.
CREATE TABLE secrets (
    name     TEXT   NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL                     -- JSON
);
