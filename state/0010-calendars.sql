-- Kind Calendar.
CREATE TABLE calendars (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    document      TEXT NOT NULL CHECK (json_valid(document)),
    spec_digest   TEXT NOT NULL,
    managed_by    TEXT NOT NULL DEFAULT 'spec' CHECK (managed_by IN ('spec', 'api')),
    declared_file TEXT,
    declared_line INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

-- Gates that an event reported as closed for a release, so that the next change of each is reported once.
CREATE TABLE closed_gates (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    gate           TEXT NOT NULL,
    release_id     TEXT NOT NULL,
    reason         TEXT NOT NULL,
    PRIMARY KEY (environment_id, gate)
) STRICT, WITHOUT ROWID;
