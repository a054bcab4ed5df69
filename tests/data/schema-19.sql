BEGIN TRANSACTION;
CREATE TABLE approvals (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    by             TEXT NOT NULL,
    at             TEXT NOT NULL, person TEXT NOT NULL DEFAULT '', verdict TEXT NOT NULL DEFAULT 'approved' CHECK (verdict IN ('approved', 'rejected')), message TEXT,
    PRIMARY KEY (release_id, environment_id, by)
) STRICT, WITHOUT ROWID;
INSERT INTO "approvals" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','uid:0','2026-11-30T08:38:37Z','root','approved',NULL);
CREATE TABLE assignments (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,
    tag          TEXT NOT NULL,
    semver       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    by           TEXT NOT NULL,
    at           TEXT NOT NULL,
    PRIMARY KEY (component_id, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "assignments" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','v1.1.0-rc.1','1.1.0','beta','uid:0','2026-11-30T08:38:40Z');
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
, person TEXT, release_name TEXT, outcome TEXT NOT NULL DEFAULT 'accepted' CHECK (outcome IN ('accepted', 'refused', 'failed')), status INTEGER NOT NULL DEFAULT 0, detail TEXT) STRICT;
INSERT INTO "audit" VALUES(1,'2026-11-30T08:38:37Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/approve','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-30T08:38:38Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/checks','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-30T08:38:38Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/checks','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,'it answers');
INSERT INTO "audit" VALUES(4,'2026-11-30T08:38:38Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/confirm','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-30T08:38:38Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/releases','Release','01a22b9b-2a18-741a-bb1a-363446edbcde','by-hand',NULL,'k1','sha256:79e1dc750041a404f6f16ca41153f67a639df3146828e488d51db5b55a99bdc8','root','by-hand','accepted',0,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-30T08:38:39Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/releases/one/deprecate','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one',NULL,NULL,NULL,'root','one','accepted',0,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-30T08:38:39Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/components/api/sync-versions','Component','489f6dce-8557-525f-bed2-72f083f18098','api',NULL,NULL,NULL,'root',NULL,'accepted',0,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-30T08:38:39Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/components/api/sync-versions','Component','489f6dce-8557-525f-bed2-72f083f18098','api',NULL,NULL,NULL,'root',NULL,'accepted',0,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-30T08:38:40Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/hold','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-30T08:38:40Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/version-maps','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','c05ac542-fa1b-5208-bf35-c31a9133a35a',NULL,NULL,'root',NULL,'accepted',0,NULL);
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
INSERT INTO "calendars" VALUES('e02e4435-0f96-54e7-9365-94f18557e3e2','d4e8d45a-1cf6-5761-81c2-36530696e1ac','closed','closed','{"apiVersion":"relman/v1","kind":"Calendar","metadata":{"name":"closed"},"spec":{"environments":{"matchLabels":{"stage":"lab"}},"windows":[{"deny":"2000-01-01..2199-12-30"}]}}','sha256:b9e3830d035fd739627dd049e908612edbfe60b8b6ec936c88a34bcad1374cf8','spec','/srv/relman/specs/site.yaml',46,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
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
INSERT INTO "channels" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','beta','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','1.1.0',X'013101310003',3,'2026-11-30T08:38:40Z');
INSERT INTO "channels" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','stable','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','1.0.0',X'0131000003',3,'2026-11-30T08:38:37Z');
INSERT INTO "channels" VALUES('489f6dce-8557-525f-bed2-72f083f18098','rc','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','1.1.0-rc.1',X'01310131000272630001013100',3,'2026-11-30T08:38:37Z');
INSERT INTO "channels" VALUES('489f6dce-8557-525f-bed2-72f083f18098','stable','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','1.0.0',X'0131000003',3,'2026-11-30T08:38:37Z');
CREATE TABLE "checks" (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    promotion_id   TEXT NOT NULL,
    name           TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('running', 'passed', 'failed', 'canceled')),
    started_at     TEXT NOT NULL,
    reported_at    TEXT,
    by             TEXT,
    person         TEXT,
    evidence_ref   TEXT,
    message        TEXT,
    output         TEXT,
    PRIMARY KEY (environment_id, release_id, promotion_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "checks" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','','scan','passed','2026-11-30T08:38:37Z','2026-11-30T08:38:38Z','uid:0','root','https://ci.example.com/17',NULL,NULL);
INSERT INTO "checks" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','01a22b9b-27a4-7fbf-8fec-8f68055c8b88','smoke','passed','2026-11-30T08:38:38Z','2026-11-30T08:38:38Z','uid:0','root',NULL,'it answers',NULL);
CREATE TABLE closed_gates (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    gate           TEXT NOT NULL,
    release_id     TEXT NOT NULL,
    reason         TEXT NOT NULL,
    PRIMARY KEY (environment_id, gate)
) STRICT, WITHOUT ROWID;
INSERT INTO "closed_gates" VALUES('4ad2c520-24c9-5372-bc01-e6007351541e','windows','08706b84-8a3f-530f-8c8b-56b65bea509d','WindowClosed');
CREATE TABLE component_syncs (
    component_id TEXT PRIMARY KEY REFERENCES components(id) ON DELETE CASCADE,
    list_digest  TEXT NOT NULL,
    list_etag    TEXT NOT NULL DEFAULT '',
    rules_digest TEXT NOT NULL,
    n_tags       INTEGER NOT NULL,
    n_missing    INTEGER NOT NULL,
    held_since   INTEGER NOT NULL DEFAULT 0,
    synced_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "component_syncs" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:83a44bd5512c2ad33dfd83309416a2fd246951dd953067f951e208be5c44f757','','sha256:414eab71d429162f52216e46a23e1606aa3ec491b78fe0a77c3bb82c6c09d4fb',2,0,0,'2026-11-30T08:38:40Z');
INSERT INTO "component_syncs" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:e69360c1c1d082eccc41fabe0bdde2e3fa5a428c1a1670afaa73ab0202c0d9bb','','sha256:790b7993b0403a03bb9b8191d1455bb748ba7c89fac4abad678ef377217c556b',2,0,0,'2026-11-30T08:38:37Z');
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
INSERT INTO "components" VALUES('489f6dce-8557-525f-bed2-72f083f18098','d4e8d45a-1cf6-5761-81c2-36530696e1ac','api','api','127.0.0.1:16955/app/api','22caf360-930b-5fff-afb3-351008ccf630','{"type":"semver"}',NULL,'stable','{}','{"apiVersion":"relman/v1","kind":"Component","metadata":{"name":"api"},"spec":{"imageRepository":"127.0.0.1:16955/app/api"}}','sha256:c949cf7e295a02a641841e758b6652ef2cec3b7769d9d184dafa8ec1ab7b014f','spec','/srv/relman/specs/site.yaml',6,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
INSERT INTO "components" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','d4e8d45a-1cf6-5761-81c2-36530696e1ac','web','web','127.0.0.1:16955/app/web','22caf360-930b-5fff-afb3-351008ccf630','{"type":"semver"}',NULL,'stable','{}','{"apiVersion":"relman/v1","kind":"Component","metadata":{"name":"web"},"spec":{"imageRepository":"127.0.0.1:16955/app/web"}}','sha256:2ce55b68260be3d49edf273d2ed3a8da8e3e1c65a91978fe1f5d2e0b54cf893d','spec','/srv/relman/specs/site.yaml',11,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
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
INSERT INTO "conditions" VALUES('Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','Ready','True','Synced','2 tags','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','Drift','True','TagMoved','tag ''v1.0.0'' is now sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313; release ''shop-1'' in environment ''staging'' keeps sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','2026-11-30T08:38:39Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','Ready','True','Synced','2 tags','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','TagMoved','True','MoveNotAllowed','tag ''v1.0.0'' moved from sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b to sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313, but a release holds the old digest; to release the new one: relmanctl allow-move api v1.0.0','2026-11-30T08:38:39Z');
INSERT INTO "conditions" VALUES('Environment','4ad2c520-24c9-5372-bc01-e6007351541e','Ready','False','WindowClosed','release ''shop-1'' is not promoted: environment ''lab'' is closed until 2199-12-31T00:00:00Z by calendar ''closed'': deny ''2000-01-01..2199-12-30'' UTC','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','Held','True','OnHold','does not follow stream ''shop'': freeze, by uid:0; relmanctl resume prod ends it','2026-11-30T08:38:40Z');
INSERT INTO "conditions" VALUES('Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','Ready','True','Deployed','release ''shop-1'' since 2026-11-30T08:38:38Z, by uid:0','2026-11-30T08:38:38Z');
INSERT INTO "conditions" VALUES('Environment','c145f00a-000a-5574-b4c2-417b00e55fe0','Ready','True','Deployed','release ''shop-1'' since 2026-11-30T08:38:37Z, by relmand','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Release','01a22b9b-2a18-741a-bb1a-363446edbcde','Ready','True','Locked','1 components; lockfile ''/srv/relman/locks/default/releases/by-hand.lock.yaml''','2026-11-30T08:38:38Z');
INSERT INTO "conditions" VALUES('Release','08706b84-8a3f-530f-8c8b-56b65bea509d','Ready','True','Locked','2 components; lockfile ''/srv/relman/locks/default/releases/shop-1.lock.yaml''','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Release','cb083712-164e-54a6-8ee3-dc66e72b137e','Ready','False','Unresolved','component ''api'' has no version 9.0.0; it has 2 others: relmanctl get versions api','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','Ready','True','Locked','2 components; lockfile ''/srv/relman/locks/default/releases/one.lock.yaml''','2026-11-30T08:38:37Z');
INSERT INTO "conditions" VALUES('Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','Warning','True','Deprecated','old, by uid:0','2026-11-30T08:38:39Z');
INSERT INTO "conditions" VALUES('ReleaseStream','84f54687-490f-53fc-a8f9-94ac98401807','Ready','True','Current','release ''shop-1''','2026-11-30T08:38:37Z');
CREATE TABLE dead_letters (
    receiver TEXT NOT NULL REFERENCES event_receivers(name) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    problem  TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (receiver, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE drift (
    component_id    TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag             TEXT NOT NULL,
    released_digest TEXT NOT NULL,
    digest          TEXT NOT NULL,
    since           TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)),
    PRIMARY KEY (component_id, tag, released_digest, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "drift" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','2026-11-30T08:38:39Z',1);
CREATE TABLE environment_history (
    sequence       INTEGER PRIMARY KEY AUTOINCREMENT,
    environment_id TEXT NOT NULL,
    release_id     TEXT NOT NULL,
    release_name   TEXT NOT NULL,
    status         TEXT NOT NULL,
    at             TEXT NOT NULL,
    by             TEXT NOT NULL,
    promotion_id   TEXT,
    evidence_ref   TEXT,
    reason         TEXT
) STRICT;
INSERT INTO "environment_history" VALUES(1,'c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','promoting','2026-11-30T08:38:37Z','relmand','01a22b9b-25a2-7eed-9df2-32b3e5d26bba',NULL,NULL);
INSERT INTO "environment_history" VALUES(2,'c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','deployed','2026-11-30T08:38:37Z','relmand','01a22b9b-25a2-7eed-9df2-32b3e5d26bba',NULL,NULL);
INSERT INTO "environment_history" VALUES(3,'69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','promoting','2026-11-30T08:38:38Z','relmand','01a22b9b-27a4-7fbf-8fec-8f68055c8b88',NULL,NULL);
INSERT INTO "environment_history" VALUES(4,'69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','deployed','2026-11-30T08:38:38Z','uid:0','01a22b9b-27a4-7fbf-8fec-8f68055c8b88','CR-17',NULL);
CREATE TABLE environment_holds (
    environment_id TEXT PRIMARY KEY REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT,
    since          TEXT NOT NULL,
    by             TEXT NOT NULL,
    reason         TEXT NOT NULL
, is_retry INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "environment_holds" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9',NULL,'2026-11-30T08:38:40Z','uid:0','freeze',0);
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
    updated_at    TEXT NOT NULL, history_after INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant_id, name)
) STRICT;
INSERT INTO "environments" VALUES('4ad2c520-24c9-5372-bc01-e6007351541e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','lab','lab','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"lab","labels":{"stage":"lab"}},"spec":{"stream":"shop"}}','sha256:4976a28d7017cb89d3262890caf2108575b47fdc3808f7d8fd96f082534ae99c','spec','/srv/relman/specs/site.yaml',41,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z',0);
INSERT INTO "environments" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','d4e8d45a-1cf6-5761-81c2-36530696e1ac','prod','prod','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"prod"},"spec":{"stream":"shop","promotesFrom":"staging","confirm":"manual","approvals":1,"checks":{"before":[{"name":"scan"}],"after":[{"name":"smoke"}]}}}','sha256:3f364b19b2fc065268c2d9fda818da83f93bf9cbdfe81544ab06fccabf2fa6c2','spec','/srv/relman/specs/site.yaml',36,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z',0);
INSERT INTO "environments" VALUES('c145f00a-000a-5574-b4c2-417b00e55fe0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','staging','staging','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"staging"},"spec":{"stream":"shop"}}','sha256:bae8d977722e5f61070afeba60c555c6c332fea8385f0e4afab07875d8e91776','spec','/srv/relman/specs/site.yaml',31,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z',0);
CREATE TABLE event_receivers (
    name          TEXT PRIMARY KEY,
    position      INTEGER NOT NULL,
    delivered_at  TEXT,
    failing_since TEXT,
    problem       TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "event_receivers" VALUES('nobody',0,NULL,'2026-11-30T08:38:37Z','POST http://127.0.0.1:17178: Failed to connect to 127.0.0.1 port 17178 after 20 ms: Couldn''t connect to server');
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
INSERT INTO "events" VALUES(1,'01a22b9b-22b8-73c9-ab3f-ea79a8424772','d4e8d45a-1cf6-5761-81c2-36530696e1ac','component.created','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"digest":"sha256:c949cf7e295a02a641841e758b6652ef2cec3b7769d9d184dafa8ec1ab7b014f","displayName":"api"}','2026-11-30T08:38:36Z');
INSERT INTO "events" VALUES(2,'01a22b9b-22b8-7295-839b-44b90a1941be','d4e8d45a-1cf6-5761-81c2-36530696e1ac','component.created','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"digest":"sha256:2ce55b68260be3d49edf273d2ed3a8da8e3e1c65a91978fe1f5d2e0b54cf893d","displayName":"web"}','2026-11-30T08:38:36Z');
INSERT INTO "events" VALUES(3,'01a22b9b-22b8-71f2-a121-b1c8f93494e3','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','cb083712-164e-54a6-8ee3-dc66e72b137e','draft','{"digest":"sha256:596e5fcedbc0a27f6cad28c6464d04287b815771f0740788adae465f06d48dac","displayName":"draft"}','2026-11-30T08:38:36Z');
INSERT INTO "events" VALUES(4,'01a22b9b-22b8-716a-8ba6-c5c6f86ee9ef','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"digest":"sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573","displayName":"one"}','2026-11-30T08:38:36Z');
INSERT INTO "events" VALUES(5,'01a22b9b-2399-78de-9429-0e55dc344a3d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","channel":"stable","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(6,'01a22b9b-2399-7220-b037-04aba8768ea4','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.1.0-rc.1","digest":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5","semver":"1.1.0-rc.1","channel":"rc","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(7,'01a22b9b-2399-7e1d-acb0-9605ca17fe24','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","channel":"rc","tag":"v1.1.0-rc.1","digest":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5","semver":"1.1.0-rc.1","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(8,'01a22b9b-2399-7a35-bd50-eb9637a352fb','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","channel":"stable","tag":"v1.0.0","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(9,'01a22b9b-23df-7122-bc07-73c6e2518530','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.0.0","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","channel":"stable","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(10,'01a22b9b-23df-79ff-9dd4-a2c25fb017e7','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0-rc.1","channel":"rc","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(11,'01a22b9b-23df-70db-b685-c07c8e1d0ba0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"rc","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0-rc.1","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(12,'01a22b9b-23df-7668-a198-21a7a1670ef9','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"stable","tag":"v1.0.0","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","firstSync":"true"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(13,'01a22b9b-24bf-7170-b2ab-e6490ef29b7e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"specDigest":"sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(14,'01a22b9b-2500-76ee-af22-006545be54d5','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"specDigest":"sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(15,'01a22b9b-2500-7d71-84c5-d9dd3122e116','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"specDigest":"sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(16,'01a22b9b-2519-7ef7-9ac3-a41d4a8ca777','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"source","reason":"NotInSource","message":"release ''shop-1'' was not deployed in environment ''staging'' yet; relmanctl promote shop-1 staging"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(17,'01a22b9b-2519-724f-9433-105ed48e9d3a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"approvals","reason":"ApprovalsMissing","message":"release ''shop-1'' needs 1 more of 1 approvals for environment ''prod''; relmanctl approve shop-1 prod"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(18,'01a22b9b-2519-70fb-b9ed-21b0bc8306af','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckMissing","message":"release ''shop-1'' is not promoted to environment ''prod'': check ''scan'' was not reported yet; relmanctl check shop-1 prod scan --pass"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(19,'01a22b9b-2524-7a52-be39-7d215d60c33d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','4ad2c520-24c9-5372-bc01-e6007351541e','lab','{"environment":"lab","release":"shop-1","gate":"windows","reason":"WindowClosed","message":"release ''shop-1'' is not promoted: environment ''lab'' is closed until 2199-12-31T00:00:00Z by calendar ''closed'': deny ''2000-01-01..2199-12-30'' UTC","opensAt":"2199-12-31T00:00:00Z"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(20,'01a22b9b-25a2-7e3e-9aa2-21f07a00604f','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.promoted','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"staging","environmentId":"c145f00a-000a-5574-b4c2-417b00e55fe0","release":"shop-1","promotionId":"01a22b9b-25a2-7eed-9df2-32b3e5d26bba","by":"relmand","status":"promoting"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(21,'01a22b9b-25cc-7635-831c-e5477e75e89a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deployed','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"staging","environmentId":"c145f00a-000a-5574-b4c2-417b00e55fe0","release":"shop-1","promotionId":"01a22b9b-25a2-7eed-9df2-32b3e5d26bba","by":"relmand","status":"deployed"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(22,'01a22b9b-25ec-7f41-8e6a-2be604bd5a99','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"source","reason":"NotInSource"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(23,'01a22b9b-25ec-7449-a71d-12f06316ad7e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckRunning","message":"release ''shop-1'' is not promoted to environment ''prod'': check ''scan'' runs since 2026-11-30T08:38:37Z (at most 1h); relmanctl check shop-1 prod scan --pass"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(24,'01a22b9b-267c-76fe-9aa9-a4e05635d4b3','d4e8d45a-1cf6-5761-81c2-36530696e1ac','approval.given','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","by":"uid:0","person":"root"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(25,'01a22b9b-2684-7ff9-9c3c-4606dfe1cc68','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"approvals","reason":"ApprovalsMissing"}','2026-11-30T08:38:37Z');
INSERT INTO "events" VALUES(26,'01a22b9b-271a-7a65-8a1b-3825834316e8','d4e8d45a-1cf6-5761-81c2-36530696e1ac','check.passed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","releaseId":"08706b84-8a3f-530f-8c8b-56b65bea509d","check":"scan","evidenceRef":"https://ci.example.com/17","by":"uid:0","person":"root"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(27,'01a22b9b-2728-7bed-9f20-518065f2db6f','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckRunning"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(28,'01a22b9b-27a4-79eb-bf31-013dfdbfd679','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.promoted','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"prod","environmentId":"69b9dd60-46c5-5c86-89e6-68b7805e37e9","release":"shop-1","promotionId":"01a22b9b-27a4-7fbf-8fec-8f68055c8b88","by":"relmand","status":"promoting"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(29,'01a22b9b-2888-76d5-b33b-773d37ed64fe','d4e8d45a-1cf6-5761-81c2-36530696e1ac','check.passed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","releaseId":"08706b84-8a3f-530f-8c8b-56b65bea509d","check":"smoke","message":"it answers","promotionId":"01a22b9b-27a4-7fbf-8fec-8f68055c8b88","by":"uid:0","person":"root"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(30,'01a22b9b-294c-735d-89c9-2fc1d88764b3','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deployed','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"prod","environmentId":"69b9dd60-46c5-5c86-89e6-68b7805e37e9","release":"shop-1","promotionId":"01a22b9b-27a4-7fbf-8fec-8f68055c8b88","by":"uid:0","evidenceRef":"CR-17","status":"deployed"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(31,'01a22b9b-2a39-7c49-a0f9-734d57de1c46','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','01a22b9b-2a18-741a-bb1a-363446edbcde','by-hand','{"specDigest":"sha256:49406d2e56c64531f5c134d09a283718ac9d3ed84870eb5aec0b4f4e1b404a9d"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(32,'01a22b9b-2a39-7ee8-a77c-39d2cf83beec','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','01a22b9b-2a18-741a-bb1a-363446edbcde','by-hand','{"specDigest":"sha256:49406d2e56c64531f5c134d09a283718ac9d3ed84870eb5aec0b4f4e1b404a9d"}','2026-11-30T08:38:38Z');
INSERT INTO "events" VALUES(33,'01a22b9b-2af1-7ab3-abe3-6a940d8994bf','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deprecated','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"reason":"old","by":"uid:0"}','2026-11-30T08:38:39Z');
INSERT INTO "events" VALUES(34,'01a22b9b-2cd9-7ef7-8e39-3444dee6f1ad','d4e8d45a-1cf6-5761-81c2-36530696e1ac','tag.moved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","toDigest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313"}','2026-11-30T08:38:39Z');
INSERT INTO "events" VALUES(35,'01a22b9b-2d05-792a-8864-233c911b90b6','d4e8d45a-1cf6-5761-81c2-36530696e1ac','tag.blocked','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313"}','2026-11-30T08:38:39Z');
INSERT INTO "events" VALUES(36,'01a22b9b-2d05-7559-94f7-53978e364c12','d4e8d45a-1cf6-5761-81c2-36530696e1ac','drift.detected','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","releasedDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313","release":"shop-1","environment":"staging","severity":"warning","reason":"TagMoved"}','2026-11-30T08:38:39Z');
INSERT INTO "events" VALUES(37,'01a22b9b-2ecc-7e71-89b0-675a2675194a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','environment.held','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","reason":"freeze","by":"uid:0","person":"root"}','2026-11-30T08:38:40Z');
INSERT INTO "events" VALUES(38,'01a22b9b-2f77-7669-97bf-9eac72994e09','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0","channel":"beta","by":"uid:0"}','2026-11-30T08:38:40Z');
INSERT INTO "events" VALUES(39,'01a22b9b-2fa7-7ac4-b0a5-e6d48e27ed01','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"beta","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0"}','2026-11-30T08:38:40Z');
INSERT INTO "events" VALUES(40,'01a22b9b-2fa7-7a3a-9709-65bf3e481a3c','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"rc","fromTag":"v1.1.0-rc.1","fromDigest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","fromSemver":"1.1.0-rc.1"}','2026-11-30T08:38:40Z');
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
INSERT INTO "integrations" VALUES('22caf360-930b-5fff-afb3-351008ccf630','d4e8d45a-1cf6-5761-81c2-36530696e1ac','r','r','auto','http://127.0.0.1:16955','{"apiVersion":"relman/v1","kind":"Registry","metadata":{"name":"r"},"spec":{"url":"http://127.0.0.1:16955"}}','sha256:81bfa05e45b8eecc015bd2b52028c1a4e329e77ef9329d9deb1d9460a3207642','spec','/srv/relman/specs/site.yaml',1,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
CREATE TABLE manifests (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL,
    platforms    TEXT NOT NULL CHECK (json_valid(platforms)),
    created      INTEGER NOT NULL DEFAULT -1,
    fetched_at   TEXT NOT NULL, artifact TEXT,
    PRIMARY KEY (component_id, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "manifests" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756"}',0,'2026-11-30T08:38:37Z','');
INSERT INTO "manifests" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','application/vnd.oci.image.index.v1+json',491,'{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"}',-1,'2026-11-30T08:38:37Z','');
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313"}',0,'2026-11-30T08:38:39Z','');
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5"}',0,'2026-11-30T08:38:37Z','');
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','application/vnd.oci.image.index.v1+json',491,'{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"}',-1,'2026-11-30T08:38:38Z','');
CREATE TABLE output_runs (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    output         TEXT NOT NULL,
    lock_digest    TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (environment_id, output)
) STRICT, WITHOUT ROWID;
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
INSERT INTO "person_groups" VALUES('a308bf3f-c959-57bd-bfec-543a09afafbd','d4e8d45a-1cf6-5761-81c2-36530696e1ac','oncall','oncall','{"apiVersion":"relman/v1","kind":"Group","metadata":{"name":"oncall"},"spec":{"members":["anna","bob"]}}','sha256:45e469a2982cf5b5fb773ebf0069912fe1f0604d98e424ab5c6785534e36483f','spec','/srv/relman/specs/site.yaml',51,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
CREATE TABLE release_components (
    release_id   TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    component_id TEXT NOT NULL,
    digest       TEXT NOT NULL,
    tag          TEXT,
    semver       TEXT,
    PRIMARY KEY (release_id, component_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "release_components" VALUES('01a22b9b-2a18-741a-bb1a-363446edbcde','489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','v1.0.0','1.0.0');
INSERT INTO "release_components" VALUES('08706b84-8a3f-530f-8c8b-56b65bea509d','1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','v1.0.0','1.0.0');
INSERT INTO "release_components" VALUES('08706b84-8a3f-530f-8c8b-56b65bea509d','489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','v1.0.0','1.0.0');
INSERT INTO "release_components" VALUES('f639e61d-6ed4-5cb0-803f-621c2c8edbb1','1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','v1.0.0','1.0.0');
INSERT INTO "release_components" VALUES('f639e61d-6ed4-5cb0-803f-621c2c8edbb1','489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','v1.0.0','1.0.0');
CREATE TABLE release_counts (
    tenant_id TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    status    TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, status)
) STRICT, WITHOUT ROWID;
INSERT INTO "release_counts" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','deployed',1);
INSERT INTO "release_counts" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','deprecated',1);
INSERT INTO "release_counts" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','draft',1);
INSERT INTO "release_counts" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','promoting',0);
INSERT INTO "release_counts" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','ready',1);
CREATE TABLE release_digests (
    of_digest  TEXT NOT NULL,
    digest     TEXT NOT NULL,
    repository TEXT NOT NULL,
    PRIMARY KEY (of_digest, digest, repository)
) STRICT, WITHOUT ROWID;
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','127.0.0.1:16955/app/api');
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157','127.0.0.1:16955/app/api');
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6','127.0.0.1:16955/app/api');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2','127.0.0.1:16955/app/web');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','127.0.0.1:16955/app/web');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb','127.0.0.1:16955/app/web');
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
    deployed_release_id TEXT REFERENCES releases(id), reason TEXT,
    UNIQUE (tenant_id, environment_id)
) STRICT;
INSERT INTO "release_environment_state" VALUES('5a13a314-4131-5e30-9653-dd1aca6a1fc2','d4e8d45a-1cf6-5761-81c2-36530696e1ac','c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','deployed','2026-11-30T08:38:37Z','85e1b3e2-7e35-5675-af79-bac8b99e3f31','01a22b9b-25a2-7eed-9df2-32b3e5d26bba',NULL,'08706b84-8a3f-530f-8c8b-56b65bea509d',NULL);
INSERT INTO "release_environment_state" VALUES('beaa34ce-7720-5bd3-b210-76afda0df19e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','deployed','2026-11-30T08:38:38Z','0ff618c8-74e5-5239-9d6d-5db8460e9999','01a22b9b-27a4-7fbf-8fec-8f68055c8b88','CR-17','08706b84-8a3f-530f-8c8b-56b65bea509d',NULL);
CREATE TABLE releases (
    id            TEXT PRIMARY KEY,
    tenant_id     TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    components    TEXT NOT NULL CHECK (json_valid(components)),
    source_ref    TEXT CHECK (source_ref IS NULL OR json_valid(source_ref)),
    status        TEXT NOT NULL DEFAULT 'draft'
                  CHECK (status IN ('draft', 'ready', 'promoting', 'deployed', 'deprecated', 'archived')),
    metadata      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    document      TEXT CHECK (document IS NULL OR json_valid(document)),
    spec_digest   TEXT NOT NULL,
    managed_by    TEXT NOT NULL DEFAULT 'spec' CHECK (managed_by IN ('spec', 'api', 'stream')),
    declared_file TEXT,
    declared_line INTEGER NOT NULL DEFAULT 0,
    stream_id     TEXT,
    sequence      INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    created_by    TEXT REFERENCES users(id), seal TEXT, created_person TEXT,
    UNIQUE (tenant_id, name)
) STRICT;
INSERT INTO "releases" VALUES('cb083712-164e-54a6-8ee3-dc66e72b137e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','draft','draft','[]','{}','draft','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"draft"},"spec":{"components":[{"name":"api","version":"9.0.0"}]}}','sha256:596e5fcedbc0a27f6cad28c6464d04287b815771f0740788adae465f06d48dac','spec','/srv/relman/specs/site.yaml',21,NULL,0,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z',NULL,'sha256:9accc025fed0d91b1d6bef87ee3c8544308dae83cb864cf19b872e93526fb7d2',NULL);
INSERT INTO "releases" VALUES('f639e61d-6ed4-5cb0-803f-621c2c8edbb1','d4e8d45a-1cf6-5761-81c2-36530696e1ac','one','one','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:16955/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-11-30T08:38:37Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"}},{"componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","componentName":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:16955/app/web","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-11-30T08:38:37Z","size":491,"platforms":{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"}}]','{"commitSha":"abc"}','deprecated','{"team":"shop"}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"one","labels":{"team":"shop"}},"spec":{"components":[{"name":"api","version":"1.0.0"},{"name":"web","tag":"v1.0.0"}],"sourceRef":{"commitSha":"abc"}}}','sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573','spec','/srv/relman/specs/site.yaml',16,NULL,0,'2026-11-30T08:38:37Z','2026-11-30T08:38:39Z',NULL,'sha256:5ce84b44c9c4e15e180a138287a3e49c7fad6aac659b0419f1ad203fe835859c',NULL);
INSERT INTO "releases" VALUES('08706b84-8a3f-530f-8c8b-56b65bea509d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','shop-1','shop-1','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:16955/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-11-30T08:38:37Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"}},{"componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","componentName":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:16955/app/web","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-11-30T08:38:37Z","size":491,"platforms":{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"}}]','{}','deployed','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"shop-1"},"spec":{"components":[{"name":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b"},{"name":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0"}]}}','sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8','stream',NULL,0,'84f54687-490f-53fc-a8f9-94ac98401807',1,'2026-11-30T08:38:37Z','2026-11-30T08:38:38Z','85e1b3e2-7e35-5675-af79-bac8b99e3f31','sha256:9d0d3e26e41d7a428799c6cda801d240721d8d2670306964ca87e48b24e33a0e',NULL);
INSERT INTO "releases" VALUES('01a22b9b-2a18-741a-bb1a-363446edbcde','d4e8d45a-1cf6-5761-81c2-36530696e1ac','by-hand','by-hand','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:16955/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-11-30T08:38:38Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"}}]','{}','ready','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"by-hand"},"spec":{"components":[{"name":"api","version":"1.0.0"}]}}','sha256:49406d2e56c64531f5c134d09a283718ac9d3ed84870eb5aec0b4f4e1b404a9d','api',NULL,1,NULL,0,'2026-11-30T08:38:38Z','2026-11-30T08:38:38Z','0ff618c8-74e5-5239-9d6d-5db8460e9999','sha256:58db3e5b38ab922e0fae98a38d171a4251d18ea8039a7b60b4f96cc4ca6f5b5f','root');
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
INSERT INTO "streams" VALUES('84f54687-490f-53fc-a8f9-94ac98401807','d4e8d45a-1cf6-5761-81c2-36530696e1ac','shop','shop','{"apiVersion":"relman/v1","kind":"ReleaseStream","metadata":{"name":"shop"},"spec":{"components":["api","web"],"settle":"0"}}','sha256:3ebc43d122cd946dc608d991c3df74478f9b689db323cbc68e19d5b7a6533d01','spec','/srv/relman/specs/site.yaml',26,'2026-11-30T08:38:36Z','2026-11-30T08:38:36Z');
CREATE TABLE tag_history (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    seen_at      INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    PRIMARY KEY (component_id, tag, seen_at, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "tag_history" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0',1796027917158079,'sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b');
CREATE TABLE tag_moves (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    digest       TEXT NOT NULL,
    keeps        TEXT NOT NULL,
    since        TEXT NOT NULL,
    allowed_by   TEXT,
    allowed_at   INTEGER,
    reason       TEXT,
    PRIMARY KEY (component_id, tag, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "tag_moves" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','2026-11-30T08:38:39Z',NULL,NULL,NULL);
CREATE TABLE tags (
    component_id  TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag           TEXT NOT NULL,
    digest        TEXT,
    problem       TEXT,
    first_seen_at INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    checked_at    INTEGER NOT NULL,
    pushed_at     INTEGER NOT NULL DEFAULT 0,
    missing       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (component_id, tag)
) STRICT, WITHOUT ROWID;
INSERT INTO "tags" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0',NULL,1796027917113030,1796027917185840,1796027920295408,0,0);
INSERT INTO "tags" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756',NULL,1796027917113030,1796027917146459,1796027920295362,0,0);
INSERT INTO "tags" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313',NULL,1796027917112545,1796027919577868,1796027919872420,0,0);
INSERT INTO "tags" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5',NULL,1796027917112545,1796027917145068,1796027919870566,0,0);
CREATE TABLE tenants (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_at  TEXT NOT NULL
) STRICT;
INSERT INTO "tenants" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','default','2026-11-30T08:38:36Z');
CREATE TABLE users (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
INSERT INTO "users" VALUES('85e1b3e2-7e35-5675-af79-bac8b99e3f31','d4e8d45a-1cf6-5761-81c2-36530696e1ac','relmand','2026-11-30T08:38:37Z');
INSERT INTO "users" VALUES('0ff618c8-74e5-5239-9d6d-5db8460e9999','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','2026-11-30T08:38:38Z');
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
    sort_key       BLOB NOT NULL,
    specificity    INTEGER NOT NULL DEFAULT 0,
    vanished       INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1)),
    resolved_at    TEXT NOT NULL,
    source         TEXT NOT NULL DEFAULT 'auto' CHECK (source IN ('auto', 'manual'))
) STRICT;
INSERT INTO "version_maps" VALUES('a0194d29-64c2-5be9-b4a1-7f1de0e84598','d4e8d45a-1cf6-5761-81c2-36530696e1ac','489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','1.0.0','stable',0,NULL,X'0131000003',3,0,'2026-11-30T08:38:37Z','auto');
INSERT INTO "version_maps" VALUES('7b335891-fd03-5a07-91e5-b2aa3bf9203d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','489f6dce-8557-525f-bed2-72f083f18098','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','1.1.0-rc.1','rc',1,NULL,X'01310131000272630001013100',3,0,'2026-11-30T08:38:37Z','auto');
INSERT INTO "version_maps" VALUES('68bd4e7f-b143-583e-ab0f-885bf23b8f79','d4e8d45a-1cf6-5761-81c2-36530696e1ac','1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','1.0.0','stable',0,NULL,X'0131000003',3,0,'2026-11-30T08:38:37Z','auto');
INSERT INTO "version_maps" VALUES('c05ac542-fa1b-5208-bf35-c31a9133a35a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','1.1.0','beta',0,NULL,X'013101310003',3,0,'2026-11-30T08:38:40Z','manual');
CREATE INDEX idx_components_registry ON components(registry_integration_id);
CREATE INDEX idx_tags_checked ON tags(component_id, checked_at) WHERE digest IS NOT NULL AND missing = 0;
CREATE INDEX idx_version_maps_component ON version_maps(component_id, sort_key, specificity, tag);
CREATE INDEX idx_version_maps_channel ON version_maps(component_id, channel, sort_key, specificity, tag);
CREATE INDEX idx_version_maps_tag ON version_maps(component_id, tag);
CREATE INDEX idx_releases_tenant ON releases(tenant_id);
CREATE INDEX idx_releases_status ON releases(status);
CREATE INDEX idx_releases_created ON releases(created_at DESC);
CREATE INDEX idx_releases_tenant_created ON releases(tenant_id, created_at, name);
CREATE INDEX idx_releases_stream ON releases(stream_id, sequence) WHERE stream_id IS NOT NULL;
CREATE INDEX idx_release_components_component ON release_components(component_id);
CREATE INDEX idx_release_components_digest ON release_components(digest);
CREATE INDEX idx_release_env_state_env ON release_environment_state(environment_id);
CREATE INDEX idx_release_env_state_release ON release_environment_state(release_id);
CREATE INDEX idx_release_env_state_deployed ON release_environment_state(deployed_release_id);
CREATE INDEX idx_environment_history_environment ON environment_history(environment_id, sequence);
CREATE INDEX idx_environment_history_release ON environment_history(release_id, sequence);
CREATE INDEX idx_approvals_environment ON approvals(environment_id);
CREATE TRIGGER release_counts_insert AFTER INSERT ON releases BEGIN
    INSERT INTO release_counts (tenant_id, status, n) VALUES (new.tenant_id, new.status, 1)
        ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER release_counts_delete AFTER DELETE ON releases BEGIN
    UPDATE release_counts SET n = n - 1 WHERE tenant_id = old.tenant_id AND status = old.status;
END;
CREATE TRIGGER release_counts_update AFTER UPDATE OF status ON releases WHEN old.status <> new.status BEGIN
    UPDATE release_counts SET n = n - 1 WHERE tenant_id = old.tenant_id AND status = old.status;
    INSERT INTO release_counts (tenant_id, status, n) VALUES (new.tenant_id, new.status, 1)
        ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;
CREATE UNIQUE INDEX idx_audit_key ON audit(tenant_id, principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX idx_components_times ON components(id, created_at, updated_at);
CREATE INDEX idx_environments_times ON environments(id, created_at, updated_at);
CREATE INDEX idx_environment_history_times ON environment_history(environment_id, at, sequence);
CREATE INDEX idx_release_digests_digest ON release_digests(digest);
CREATE INDEX idx_release_digests_repository ON release_digests(repository, digest);
CREATE TRIGGER release_digests_delete AFTER DELETE ON release_components BEGIN
    DELETE FROM release_digests WHERE of_digest = old.digest AND NOT EXISTS
        (SELECT 1 FROM release_components WHERE digest = old.digest);
END;
CREATE INDEX idx_checks_release ON checks(release_id);
CREATE INDEX idx_checks_running ON checks(environment_id) WHERE status = 'running';
CREATE INDEX idx_checks_output ON checks(environment_id, name, reported_at) WHERE output IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',40);
INSERT INTO "sqlite_sequence" VALUES('environment_history',4);
INSERT INTO "sqlite_sequence" VALUES('audit',10);
COMMIT;
PRAGMA application_id = 1919249485;
PRAGMA user_version = 19;
