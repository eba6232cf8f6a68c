-- Who did what. Ids sort by time; no row is ever changed.
CREATE TABLE audit_entries (
    id          BLOB NOT NULL PRIMARY KEY,       -- 16 bytes
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_name TEXT NOT NULL,
    document    TEXT NOT NULL                    -- JSON
) WITHOUT ROWID;

CREATE INDEX audit_entries_actor ON audit_entries (actor, id);
CREATE INDEX audit_entries_action ON audit_entries (action, id);
CREATE INDEX audit_entries_object ON audit_entries (object_name, id);
