-- Who did what. Ids sort by time; no row is ever changed.
CREATE TABLE IF NOT EXISTS audit_entries (
    id          BINARY(16)   NOT NULL PRIMARY KEY,
    actor       VARCHAR(255) NOT NULL,
    action      VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_kind VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_name VARCHAR(255) NOT NULL,
    document    LONGTEXT     NOT NULL,           -- JSON
    KEY audit_entries_actor (actor, id),
    KEY audit_entries_action (action, id),
    KEY audit_entries_object (object_name, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
