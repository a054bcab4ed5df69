-- relman's state. Types are SQLite's STRICT ones; times are RFC 3339 text in UTC (order of events is their sequence, not
-- their time), ids are UUIDs as text. The dialect stays near PostgreSQL's.

CREATE TABLE tenants (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_at  TEXT NOT NULL
) STRICT;

-- People and programs that act; referred to by created_by and deployed_by.
CREATE TABLE users (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

-- Kind Registry: a component's registryIntegrationId points here.
CREATE TABLE integrations (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    type          TEXT NOT NULL,
    url           TEXT NOT NULL,
    document      TEXT NOT NULL CHECK (json_valid(document)),
    spec_digest   TEXT NOT NULL,
    managed_by    TEXT NOT NULL DEFAULT 'spec' CHECK (managed_by IN ('spec', 'api')),
    declared_file TEXT,
    declared_line INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE components (
    id                      TEXT PRIMARY KEY,
    tenant_id               TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name                    TEXT NOT NULL,
    display_name            TEXT NOT NULL,
    image_repository        TEXT NOT NULL,
    registry_integration_id TEXT REFERENCES integrations(id) ON DELETE SET NULL,
    versioning_strategy     TEXT NOT NULL DEFAULT '{"type":"semver"}' CHECK (json_valid(versioning_strategy)),
    deployment_template     TEXT,
    default_channel         TEXT NOT NULL DEFAULT 'stable',
    metadata                TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    document                TEXT NOT NULL CHECK (json_valid(document)),
    spec_digest             TEXT NOT NULL,
    managed_by              TEXT NOT NULL DEFAULT 'spec' CHECK (managed_by IN ('spec', 'api')),
    declared_file           TEXT,
    declared_line           INTEGER NOT NULL DEFAULT 0,
    created_at              TEXT NOT NULL,
    updated_at              TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

CREATE INDEX idx_components_tenant ON components(tenant_id);
CREATE INDEX idx_components_registry ON components(registry_integration_id);

-- What the last complete sync of a component saw; with it an unchanged list is not even read.
CREATE TABLE component_syncs (
    component_id TEXT PRIMARY KEY REFERENCES components(id) ON DELETE CASCADE,
    list_digest  TEXT NOT NULL,
    list_etag    TEXT NOT NULL DEFAULT '',    -- of the answer that held it
    rules_digest TEXT NOT NULL,
    n_tags       INTEGER NOT NULL,
    n_missing    INTEGER NOT NULL,
    held_since   INTEGER NOT NULL DEFAULT 0,  -- microseconds since 1970: the list shrank by more than half then; 0: it did not
    synced_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every tag a registry listed, versions or not, gone or not.
CREATE TABLE tags (
    component_id  TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag           TEXT NOT NULL,
    digest        TEXT,
    problem       TEXT,
    first_seen_at INTEGER NOT NULL,            -- microseconds since 1970: a hundred thousand rows of them
    changed_at    INTEGER NOT NULL,
    checked_at    INTEGER NOT NULL,
    pushed_at     INTEGER NOT NULL DEFAULT 0,  -- when the tag was last pushed, by the registry's clock; 0: it does not say
    missing       INTEGER NOT NULL DEFAULT 0,  -- complete lists in a row without it; 2: gone
    PRIMARY KEY (component_id, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_tags_checked ON tags(component_id, checked_at) WHERE digest IS NOT NULL AND missing = 0;

-- Digests that a tag no longer has, with the time since when it had had them.
CREATE TABLE tag_history (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    seen_at      INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    PRIMARY KEY (component_id, tag, seen_at, digest)
) STRICT, WITHOUT ROWID;

-- What live releases hold and the registry no longer says or has.
CREATE TABLE drift (
    component_id    TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag             TEXT NOT NULL,             -- '' where it was pinned by digest and no tag is known
    released_digest TEXT NOT NULL,
    digest          TEXT NOT NULL,             -- of the tag now; '': the released one is gone
    since           TEXT NOT NULL,
    PRIMARY KEY (component_id, tag, released_digest, digest)
) STRICT, WITHOUT ROWID;

-- One row per digest, named by its most specific version-bearing tag.
CREATE TABLE version_maps (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    component_id   TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag            TEXT NOT NULL,
    digest         TEXT NOT NULL,
    semver         TEXT,
    channel        TEXT NOT NULL DEFAULT 'stable',
    prerelease     INTEGER NOT NULL DEFAULT 0 CHECK (prerelease IN (0, 1)),
    build_metadata TEXT,
    sort_key       BLOB NOT NULL,              -- memcmp order is version order
    specificity    INTEGER NOT NULL DEFAULT 0,
    vanished       INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1)),
    resolved_at    TEXT NOT NULL,
    source         TEXT NOT NULL DEFAULT 'auto' CHECK (source IN ('auto', 'manual'))
) STRICT;

CREATE INDEX idx_version_maps_component ON version_maps(component_id, sort_key, specificity, tag);
CREATE INDEX idx_version_maps_channel ON version_maps(component_id, channel, sort_key, specificity, tag);
-- One row for each tenant, component and digest; it finds digests as well.
CREATE UNIQUE INDEX idx_version_maps_digest ON version_maps(digest, component_id, tenant_id);
CREATE INDEX idx_version_maps_semver ON version_maps(semver);
CREATE INDEX idx_version_maps_tag ON version_maps(component_id, tag);

-- Versions assigned over the API: they hold for the digest the tag had then.
CREATE TABLE assignments (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,
    tag          TEXT NOT NULL,
    semver       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    by           TEXT NOT NULL,                -- principal
    at           TEXT NOT NULL,
    PRIMARY KEY (component_id, digest)
) STRICT, WITHOUT ROWID;

-- A channel's head: the newest version, moved in the transaction that changes it.
CREATE TABLE channels (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    tag          TEXT NOT NULL,
    digest       TEXT NOT NULL,
    semver       TEXT,
    sort_key     BLOB NOT NULL,
    specificity  INTEGER NOT NULL,
    moved_at     TEXT NOT NULL,
    PRIMARY KEY (component_id, name)
) STRICT, WITHOUT ROWID;

-- Manifests fetched by digest and verified.
CREATE TABLE manifests (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL,
    platforms    TEXT NOT NULL CHECK (json_valid(platforms)),  -- {"linux/amd64": "sha256:..."}
    created      INTEGER NOT NULL DEFAULT -1,  -- of the image's configuration, seconds; 0: not said, -1: not asked for
    fetched_at   TEXT NOT NULL,
    PRIMARY KEY (component_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    components    TEXT NOT NULL CHECK (json_valid(components)),  -- as in the Release entity, and more
    source_ref    TEXT CHECK (source_ref IS NULL OR json_valid(source_ref)),
    status        TEXT NOT NULL DEFAULT 'draft'
                  CHECK (status IN ('draft', 'ready', 'promoting', 'deployed', 'deprecated', 'archived')),
    metadata      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    document      TEXT CHECK (document IS NULL OR json_valid(document)),
    spec_digest   TEXT NOT NULL,
    managed_by    TEXT NOT NULL DEFAULT 'spec' CHECK (managed_by IN ('spec', 'api', 'stream')),
    declared_file TEXT,
    declared_line INTEGER NOT NULL DEFAULT 0,
    stream_id     TEXT,                        -- that made it; it outlives the stream
    sequence      INTEGER NOT NULL DEFAULT 0,  -- in that stream, from 1
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    created_by    TEXT REFERENCES users(id),
    UNIQUE (tenant_id, name)
) STRICT;

CREATE INDEX idx_releases_tenant ON releases(tenant_id);
CREATE INDEX idx_releases_status ON releases(status);
CREATE INDEX idx_releases_created ON releases(created_at DESC);
CREATE INDEX idx_releases_tenant_created ON releases(tenant_id, created_at, name);
CREATE INDEX idx_releases_stream ON releases(stream_id, sequence) WHERE stream_id IS NOT NULL;

-- Kind ReleaseStream.
CREATE TABLE streams (
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

-- The same components, a row each, to look releases up by component or digest. They outlive the component.
CREATE TABLE release_components (
    release_id   TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    component_id TEXT NOT NULL,
    digest       TEXT NOT NULL,
    tag          TEXT,
    semver       TEXT,
    PRIMARY KEY (release_id, component_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_release_components_component ON release_components(component_id);
CREATE INDEX idx_release_components_digest ON release_components(digest);

CREATE TABLE environments (
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

CREATE TABLE release_environment_state (
    id             TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id),
    status         TEXT NOT NULL,
    deployed_at    TEXT NOT NULL,
    deployed_by    TEXT REFERENCES users(id),
    promotion_id   TEXT,
    evidence_ref   TEXT,
    deployed_release_id TEXT REFERENCES releases(id),  -- last confirmed: runs while another is promoting
    UNIQUE (tenant_id, environment_id)
) STRICT;

CREATE INDEX idx_release_env_state_env ON release_environment_state(environment_id);
CREATE INDEX idx_release_env_state_release ON release_environment_state(release_id);
CREATE INDEX idx_release_env_state_deployed ON release_environment_state(deployed_release_id);

-- Every state an environment was in. It outlives releases and environments.
CREATE TABLE environment_history (
    sequence       INTEGER PRIMARY KEY AUTOINCREMENT,
    environment_id TEXT NOT NULL,
    release_id     TEXT NOT NULL,
    release_name   TEXT NOT NULL,
    status         TEXT NOT NULL,
    at             TEXT NOT NULL,
    by             TEXT NOT NULL,              -- principal
    promotion_id   TEXT,
    evidence_ref   TEXT,
    reason         TEXT
) STRICT;

CREATE INDEX idx_environment_history_environment ON environment_history(environment_id, sequence);
CREATE INDEX idx_environment_history_release ON environment_history(release_id, sequence);

-- People's word over what the spec follows.
CREATE TABLE environment_holds (
    environment_id TEXT PRIMARY KEY REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT,                       -- to be there; NULL: whatever is there stays
    since          TEXT NOT NULL,
    by             TEXT NOT NULL,
    reason         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was told of an environment's lockfile: the lockDigest that a configured program last exited well with.
CREATE TABLE output_runs (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    output         TEXT NOT NULL,              -- digest of format, path and program
    lock_digest    TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (environment_id, output)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    by             TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (release_id, environment_id, by)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_approvals_environment ON approvals(environment_id);


-- What is true of an object now, since when, and why.
CREATE TABLE conditions (
    kind      TEXT NOT NULL,
    object_id TEXT NOT NULL,
    type      TEXT NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('True', 'False', 'Unknown')),
    reason    TEXT NOT NULL,
    message   TEXT NOT NULL,
    since     TEXT NOT NULL,
    PRIMARY KEY (kind, object_id, type)
) STRICT, WITHOUT ROWID;

-- The outbox: written in the transaction of the change it tells of, in order.
CREATE TABLE events (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    tenant_id   TEXT NOT NULL,
    type        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    object_name TEXT NOT NULL,
    data        TEXT NOT NULL CHECK (json_valid(data)),
    at          TEXT NOT NULL
) STRICT;

-- How far each receiver of events is told. It outlives the configuration that names it.
CREATE TABLE event_receivers (
    name          TEXT PRIMARY KEY,
    position      INTEGER NOT NULL,            -- all events up to this sequence are delivered, not wanted or given up
    delivered_at  TEXT,
    failing_since TEXT,
    problem       TEXT
) STRICT, WITHOUT ROWID;

-- Events that a receiver did not take for too long.
CREATE TABLE dead_letters (
    receiver TEXT NOT NULL REFERENCES event_receivers(name) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    problem  TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (receiver, sequence)
) STRICT, WITHOUT ROWID;

-- Who asked for what, when and from where; written in the transaction of what was done. A key that a principal has used leads to
-- what came of it, so that a request sent twice is carried out once.
CREATE TABLE audit (
    sequence        INTEGER PRIMARY KEY AUTOINCREMENT,
    at              TEXT NOT NULL,
    tenant_id       TEXT NOT NULL,
    principal       TEXT NOT NULL,
    origin          TEXT NOT NULL,
    action          TEXT NOT NULL,
    kind            TEXT,
    object_id       TEXT NOT NULL,
    object_name     TEXT NOT NULL,
    result_id       TEXT,
    idempotency_key TEXT,
    request_digest  TEXT
) STRICT;

CREATE UNIQUE INDEX idx_audit_key ON audit(principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
