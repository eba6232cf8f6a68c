-- What jobs name and nobody reads. The value in the document is sealed, and bound to name and version.
CREATE TABLE IF NOT EXISTS secrets (
    name     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version  BIGINT      NOT NULL,
    document LONGTEXT    NOT NULL                -- JSON
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
