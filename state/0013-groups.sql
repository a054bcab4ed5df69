-- Kind Group: names persons for environments.
CREATE TABLE person_groups (
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
