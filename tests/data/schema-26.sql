BEGIN TRANSACTION;
CREATE TABLE approvals (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    by             TEXT NOT NULL,
    at             TEXT NOT NULL, person TEXT NOT NULL DEFAULT '', verdict TEXT NOT NULL DEFAULT 'approved' CHECK (verdict IN ('approved', 'rejected')), message TEXT, sequence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (release_id, environment_id, by)
) STRICT, WITHOUT ROWID;
INSERT INTO "approvals" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','uid:0','2026-12-01T04:37:14Z','root','approved',NULL,1);
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
INSERT INTO "assignments" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','v1.1.0-rc.1','1.1.0','beta','uid:0','2026-12-01T04:37:15Z');
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
INSERT INTO "audit" VALUES(1,'2026-12-01T04:37:14Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/approve','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(2,'2026-12-01T04:37:14Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/checks','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(3,'2026-12-01T04:37:14Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/checks','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,'it answers');
INSERT INTO "audit" VALUES(4,'2026-12-01T04:37:14Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/confirm','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(5,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/releases','Release','01a22fe4-8468-7bb6-b881-c95c0c048014','by-hand',NULL,'k1','sha256:a09a759bc40e9dec0bcfc45a9ac9825ede326cb4535e7134ab7817ee74661512','root','by-hand','accepted',0,NULL);
INSERT INTO "audit" VALUES(6,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/releases/one/deprecate','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one',NULL,NULL,NULL,'root','one','accepted',0,NULL);
INSERT INTO "audit" VALUES(7,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/components/api/sync-versions','Component','489f6dce-8557-525f-bed2-72f083f18098','api',NULL,NULL,NULL,'root',NULL,'accepted',0,NULL);
INSERT INTO "audit" VALUES(8,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/components/api/sync-versions','Component','489f6dce-8557-525f-bed2-72f083f18098','api',NULL,NULL,NULL,'root',NULL,'accepted',0,NULL);
INSERT INTO "audit" VALUES(9,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/environments/prod/hold','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod',NULL,NULL,NULL,'root','shop-1','accepted',0,NULL);
INSERT INTO "audit" VALUES(10,'2026-12-01T04:37:15Z','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','unix','POST /api/v1/version-maps','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','c05ac542-fa1b-5208-bf35-c31a9133a35a',NULL,NULL,'root',NULL,'accepted',0,NULL);
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
INSERT INTO "calendars" VALUES('e02e4435-0f96-54e7-9365-94f18557e3e2','d4e8d45a-1cf6-5761-81c2-36530696e1ac','closed','closed','{"apiVersion":"relman/v1","kind":"Calendar","metadata":{"name":"closed"},"spec":{"environments":{"matchLabels":{"stage":"lab"}},"windows":[{"deny":"2000-01-01..2199-12-30"}]}}','sha256:b9e3830d035fd739627dd049e908612edbfe60b8b6ec936c88a34bcad1374cf8','spec','/srv/relman/specs/site.yaml',46,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
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
INSERT INTO "channels" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','beta','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','1.1.0',X'013101310003',3,'2026-12-01T04:37:15Z');
INSERT INTO "channels" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','rc','v1.2.0-rc.1','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','1.2.0-rc.1',X'01310132000272630001013100',3,'2026-12-01T04:37:14Z');
INSERT INTO "channels" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','stable','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','1.0.0',X'0131000003',3,'2026-12-01T04:37:14Z');
INSERT INTO "channels" VALUES('489f6dce-8557-525f-bed2-72f083f18098','rc','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','1.1.0-rc.1',X'01310131000272630001013100',3,'2026-12-01T04:37:14Z');
INSERT INTO "channels" VALUES('489f6dce-8557-525f-bed2-72f083f18098','stable','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','1.0.0',X'0131000003',3,'2026-12-01T04:37:14Z');
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
INSERT INTO "checks" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','','scan','passed','2026-12-01T04:37:14Z','2026-12-01T04:37:14Z','uid:0','root','https://ci.example.com/17',NULL,NULL);
INSERT INTO "checks" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','01a22fe4-83ad-7202-af0f-f1aaf408f9fb','smoke','passed','2026-12-01T04:37:14Z','2026-12-01T04:37:14Z','uid:0','root',NULL,'it answers',NULL);
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
INSERT INTO "component_syncs" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:a699bb1e46c04ff19ea53dbc6d246a924d264f02a4ed10d4e045b8b4a148be90','','sha256:414eab71d429162f52216e46a23e1606aa3ec491b78fe0a77c3bb82c6c09d4fb',3,0,0,'2026-12-01T04:37:15Z');
INSERT INTO "component_syncs" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:e69360c1c1d082eccc41fabe0bdde2e3fa5a428c1a1670afaa73ab0202c0d9bb','','sha256:790b7993b0403a03bb9b8191d1455bb748ba7c89fac4abad678ef377217c556b',2,0,0,'2026-12-01T04:37:14Z');
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
INSERT INTO "components" VALUES('489f6dce-8557-525f-bed2-72f083f18098','d4e8d45a-1cf6-5761-81c2-36530696e1ac','api','api','127.0.0.1:28220/app/api','22caf360-930b-5fff-afb3-351008ccf630','{"type":"semver"}',NULL,'stable','{}','{"apiVersion":"relman/v1","kind":"Component","metadata":{"name":"api"},"spec":{"imageRepository":"127.0.0.1:28220/app/api"}}','sha256:a2fb2690553b9cd3fa75bb7ad843ac0f8e2aadcc268114780b6c2aaf82e70bdd','spec','/srv/relman/specs/site.yaml',6,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
INSERT INTO "components" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','d4e8d45a-1cf6-5761-81c2-36530696e1ac','web','web','127.0.0.1:28220/app/web','22caf360-930b-5fff-afb3-351008ccf630','{"type":"semver"}',NULL,'stable','{}','{"apiVersion":"relman/v1","kind":"Component","metadata":{"name":"web"},"spec":{"imageRepository":"127.0.0.1:28220/app/web"}}','sha256:bbd3246e72d266f14fc9a065241a1418724f9958e7db568102509cbfc4839743','spec','/srv/relman/specs/site.yaml',11,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
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
INSERT INTO "conditions" VALUES('Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','Ready','True','Synced','3 tags','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','Drift','True','TagMoved','tag ''v1.0.0'' is now sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313; release ''shop-1'' in environment ''staging'' keeps sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b: a platform was added or removed','2026-12-01T04:37:15Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','Ready','True','Synced','2 tags','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Component','489f6dce-8557-525f-bed2-72f083f18098','TagMoved','True','MoveNotAllowed','tag ''v1.0.0'' moved from sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b to sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313, but a release holds the old digest; to release the new one: relmanctl allow-move api v1.0.0','2026-12-01T04:37:15Z');
INSERT INTO "conditions" VALUES('Environment','4ad2c520-24c9-5372-bc01-e6007351541e','Ready','False','WindowClosed','release ''shop-1'' is not promoted: environment ''lab'' is closed until 2199-12-31T00:00:00Z by calendar ''closed'': deny ''2000-01-01..2199-12-30'' UTC','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','Held','True','OnHold','does not follow stream ''shop'': freeze, by uid:0; relmanctl resume prod ends it','2026-12-01T04:37:15Z');
INSERT INTO "conditions" VALUES('Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','Ready','True','Deployed','release ''shop-1'' since 2026-12-01T04:37:14Z, by uid:0','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Environment','c145f00a-000a-5574-b4c2-417b00e55fe0','Ready','True','Deployed','release ''shop-1'' since 2026-12-01T04:37:14Z, by relmand','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Release','01a22fe4-8468-7bb6-b881-c95c0c048014','Ready','True','Locked','2 components; lockfile ''/srv/relman/locks/default/releases/by-hand.lock.yaml''','2026-12-01T04:37:15Z');
INSERT INTO "conditions" VALUES('Release','08706b84-8a3f-530f-8c8b-56b65bea509d','Ready','True','Locked','2 components; lockfile ''/srv/relman/locks/default/releases/shop-1.lock.yaml''','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Release','cb083712-164e-54a6-8ee3-dc66e72b137e','Ready','False','Unresolved','component ''api'' has no version 9.0.0; it has 2 others: relmanctl get versions api','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','Ready','True','Locked','2 components; lockfile ''/srv/relman/locks/default/releases/one.lock.yaml''','2026-12-01T04:37:14Z');
INSERT INTO "conditions" VALUES('Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','Warning','True','Deprecated','old, by uid:0','2026-12-01T04:37:15Z');
INSERT INTO "conditions" VALUES('ReleaseStream','84f54687-490f-53fc-a8f9-94ac98401807','Ready','True','Current','release ''shop-1''','2026-12-01T04:37:14Z');
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
    since           TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)), change TEXT,
    PRIMARY KEY (component_id, tag, released_digest, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "drift" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','2026-12-01T04:37:15Z',1,'platforms');
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
INSERT INTO "environment_history" VALUES(1,'c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','promoting','2026-12-01T04:37:14Z','relmand','01a22fe4-8312-7a86-b595-d4c23680f45b',NULL,NULL);
INSERT INTO "environment_history" VALUES(2,'c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','deployed','2026-12-01T04:37:14Z','relmand','01a22fe4-8312-7a86-b595-d4c23680f45b',NULL,NULL);
INSERT INTO "environment_history" VALUES(3,'69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','promoting','2026-12-01T04:37:14Z','relmand','01a22fe4-83ad-7202-af0f-f1aaf408f9fb',NULL,NULL);
INSERT INTO "environment_history" VALUES(4,'69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','deployed','2026-12-01T04:37:14Z','uid:0','01a22fe4-83ad-7202-af0f-f1aaf408f9fb','CR-17',NULL);
CREATE TABLE environment_holds (
    environment_id TEXT PRIMARY KEY REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT,
    since          TEXT NOT NULL,
    by             TEXT NOT NULL,
    reason         TEXT NOT NULL
, is_retry INTEGER NOT NULL DEFAULT 0, is_fallback INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "environment_holds" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9',NULL,'2026-12-01T04:37:15Z','uid:0','freeze',0,0);
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
INSERT INTO "environments" VALUES('4ad2c520-24c9-5372-bc01-e6007351541e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','lab','lab','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"lab","labels":{"stage":"lab"}},"spec":{"stream":"shop"}}','sha256:4976a28d7017cb89d3262890caf2108575b47fdc3808f7d8fd96f082534ae99c','spec','/srv/relman/specs/site.yaml',41,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z',0);
INSERT INTO "environments" VALUES('69b9dd60-46c5-5c86-89e6-68b7805e37e9','d4e8d45a-1cf6-5761-81c2-36530696e1ac','prod','prod','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"prod"},"spec":{"stream":"shop","promotesFrom":"staging","confirm":"manual","approvals":1,"checks":{"before":[{"name":"scan"}],"after":[{"name":"smoke"}]}}}','sha256:3f364b19b2fc065268c2d9fda818da83f93bf9cbdfe81544ab06fccabf2fa6c2','spec','/srv/relman/specs/site.yaml',36,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z',0);
INSERT INTO "environments" VALUES('c145f00a-000a-5574-b4c2-417b00e55fe0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','staging','staging','{"apiVersion":"relman/v1","kind":"Environment","metadata":{"name":"staging"},"spec":{"stream":"shop"}}','sha256:bae8d977722e5f61070afeba60c555c6c332fea8385f0e4afab07875d8e91776','spec','/srv/relman/specs/site.yaml',31,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z',0);
CREATE TABLE event_receivers (
    name          TEXT PRIMARY KEY,
    position      INTEGER NOT NULL,
    delivered_at  TEXT,
    failing_since TEXT,
    problem       TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "event_receivers" VALUES('nobody',0,NULL,'2026-12-01T04:37:14Z','POST http://127.0.0.1:24889: Failed to connect to 127.0.0.1 port 24889 after 7 ms: Couldn''t connect to server');
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
INSERT INTO "events" VALUES(1,'01a22fe4-8250-7fe2-b8b9-f602507bc90d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','component.created','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"digest":"sha256:a2fb2690553b9cd3fa75bb7ad843ac0f8e2aadcc268114780b6c2aaf82e70bdd","displayName":"api"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(2,'01a22fe4-8250-7b17-b326-1adf467c9f4b','d4e8d45a-1cf6-5761-81c2-36530696e1ac','component.created','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"digest":"sha256:bbd3246e72d266f14fc9a065241a1418724f9958e7db568102509cbfc4839743","displayName":"web"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(3,'01a22fe4-8250-78a2-a8d4-52065034142a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','cb083712-164e-54a6-8ee3-dc66e72b137e','draft','{"digest":"sha256:596e5fcedbc0a27f6cad28c6464d04287b815771f0740788adae465f06d48dac","displayName":"draft"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(4,'01a22fe4-8250-7b1e-99b9-43aff4ffaad5','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"digest":"sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573","displayName":"one"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(5,'01a22fe4-8282-7d13-9443-6929abd72c63','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.0.0","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","channel":"stable","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(6,'01a22fe4-8283-7e78-829d-9728939f1903','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0-rc.1","channel":"rc","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(7,'01a22fe4-8283-70e9-bb33-1bf088e7f747','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.2.0-rc.1","digest":"sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6","semver":"1.2.0-rc.1","channel":"rc","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(8,'01a22fe4-8283-73a9-badf-7d99eec4c516','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"rc","tag":"v1.2.0-rc.1","digest":"sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6","semver":"1.2.0-rc.1","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(9,'01a22fe4-8283-737d-a894-27a6b4f60cd0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"stable","tag":"v1.0.0","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(10,'01a22fe4-8289-7ed2-a7c4-f558dcd385f3','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","channel":"stable","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(11,'01a22fe4-8289-7ccb-9f7f-5612ff0960b8','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.1.0-rc.1","digest":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5","semver":"1.1.0-rc.1","channel":"rc","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(12,'01a22fe4-8289-76f5-91c9-9fb686c2ec8c','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","channel":"rc","tag":"v1.1.0-rc.1","digest":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5","semver":"1.1.0-rc.1","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(13,'01a22fe4-8289-7ab1-aefc-7b109627146a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","channel":"stable","tag":"v1.0.0","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","firstSync":"true"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(14,'01a22fe4-82aa-717f-819d-7ee7648e6810','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"specDigest":"sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(15,'01a22fe4-82da-7856-810c-c48b271ba3c0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"specDigest":"sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(16,'01a22fe4-82da-7d20-a672-244f735dec12','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"specDigest":"sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(17,'01a22fe4-82e2-7668-8361-23933bb352fc','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"source","reason":"NotInSource","message":"release ''shop-1'' was not deployed in environment ''staging'' yet; relmanctl promote shop-1 staging"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(18,'01a22fe4-82e2-74c7-ac27-8f8325ef07fb','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"approvals","reason":"ApprovalsMissing","message":"release ''shop-1'' needs 1 more of 1 approvals for environment ''prod''; relmanctl approve shop-1 prod"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(19,'01a22fe4-82e2-7f14-b4c0-ed08655a5ae8','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckMissing","message":"release ''shop-1'' is not promoted to environment ''prod'': check ''scan'' was not reported yet; relmanctl check shop-1 prod scan --pass"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(20,'01a22fe4-82e4-74ad-9918-2201941e25a0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','4ad2c520-24c9-5372-bc01-e6007351541e','lab','{"environment":"lab","release":"shop-1","gate":"windows","reason":"WindowClosed","message":"release ''shop-1'' is not promoted: environment ''lab'' is closed until 2199-12-31T00:00:00Z by calendar ''closed'': deny ''2000-01-01..2199-12-30'' UTC","opensAt":"2199-12-31T00:00:00Z"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(21,'01a22fe4-8312-7be5-9fc0-6649125381c0','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.promoted','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"staging","environmentId":"c145f00a-000a-5574-b4c2-417b00e55fe0","release":"shop-1","promotionId":"01a22fe4-8312-7a86-b595-d4c23680f45b","by":"relmand","status":"promoting"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(22,'01a22fe4-8328-7b1c-b460-8a42aeb170c9','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deployed','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"staging","environmentId":"c145f00a-000a-5574-b4c2-417b00e55fe0","release":"shop-1","promotionId":"01a22fe4-8312-7a86-b595-d4c23680f45b","by":"relmand","status":"deployed"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(23,'01a22fe4-832d-76dd-8057-4341a0f2bd80','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"source","reason":"NotInSource"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(24,'01a22fe4-832d-76d4-a1d7-6d3e7112ef49','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.closed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckRunning","message":"release ''shop-1'' is not promoted to environment ''prod'': check ''scan'' runs since 2026-12-01T04:37:14Z (at most 1h); relmanctl check shop-1 prod scan --pass"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(25,'01a22fe4-8352-70ab-bfc5-a5f0a5c14b67','d4e8d45a-1cf6-5761-81c2-36530696e1ac','approval.given','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","by":"uid:0","person":"root"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(26,'01a22fe4-835f-7e96-873a-c9533e6fd894','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"approvals","reason":"ApprovalsMissing"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(27,'01a22fe4-838f-7d1c-9ddc-79e7952fb9fe','d4e8d45a-1cf6-5761-81c2-36530696e1ac','check.passed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","releaseId":"08706b84-8a3f-530f-8c8b-56b65bea509d","check":"scan","evidenceRef":"https://ci.example.com/17","by":"uid:0","person":"root"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(28,'01a22fe4-8393-77ac-9418-7f278126eeed','d4e8d45a-1cf6-5761-81c2-36530696e1ac','gate.opened','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","gate":"checks","reason":"CheckRunning"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(29,'01a22fe4-83ad-72fd-b415-0017b99580d9','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.promoted','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"prod","environmentId":"69b9dd60-46c5-5c86-89e6-68b7805e37e9","release":"shop-1","promotionId":"01a22fe4-83ad-7202-af0f-f1aaf408f9fb","by":"relmand","status":"promoting"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(30,'01a22fe4-83f0-7048-b1cd-90d6aed0236b','d4e8d45a-1cf6-5761-81c2-36530696e1ac','check.passed','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","releaseId":"08706b84-8a3f-530f-8c8b-56b65bea509d","check":"smoke","message":"it answers","promotionId":"01a22fe4-83ad-7202-af0f-f1aaf408f9fb","by":"uid:0","person":"root"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(31,'01a22fe4-842c-7555-ad85-03e7242146bd','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deployed','Release','08706b84-8a3f-530f-8c8b-56b65bea509d','shop-1','{"environment":"prod","environmentId":"69b9dd60-46c5-5c86-89e6-68b7805e37e9","release":"shop-1","promotionId":"01a22fe4-83ad-7202-af0f-f1aaf408f9fb","by":"uid:0","evidenceRef":"CR-17","status":"deployed"}','2026-12-01T04:37:14Z');
INSERT INTO "events" VALUES(32,'01a22fe4-847f-7d8d-a01a-1296c3dae7fe','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.created','Release','01a22fe4-8468-7bb6-b881-c95c0c048014','by-hand','{"specDigest":"sha256:21da5480ba625c807b427828b0bfffe83fa2dad792a3ad7b5b49c2742ae6cf88"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(33,'01a22fe4-847f-7396-924b-7b57fe127c83','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.ready','Release','01a22fe4-8468-7bb6-b881-c95c0c048014','by-hand','{"specDigest":"sha256:21da5480ba625c807b427828b0bfffe83fa2dad792a3ad7b5b49c2742ae6cf88"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(34,'01a22fe4-84cd-717f-9980-1c8a92c0f458','d4e8d45a-1cf6-5761-81c2-36530696e1ac','release.deprecated','Release','f639e61d-6ed4-5cb0-803f-621c2c8edbb1','one','{"reason":"old","by":"uid:0"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(35,'01a22fe4-8571-77ad-a6ca-c6a5451a2565','d4e8d45a-1cf6-5761-81c2-36530696e1ac','tag.moved','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","toDigest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313","change":"platforms"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(36,'01a22fe4-8571-7200-8eab-bcc476a3f566','d4e8d45a-1cf6-5761-81c2-36530696e1ac','tag.blocked','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(37,'01a22fe4-8572-709e-90ea-8b697467ad22','d4e8d45a-1cf6-5761-81c2-36530696e1ac','drift.detected','Component','489f6dce-8557-525f-bed2-72f083f18098','api','{"component":"api","componentId":"489f6dce-8557-525f-bed2-72f083f18098","tag":"v1.0.0","releasedDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","fromDigest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","digest":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313","release":"shop-1","environment":"staging","severity":"warning","reason":"TagMoved","change":"platforms"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(38,'01a22fe4-85f2-7934-a532-8a46da222b74','d4e8d45a-1cf6-5761-81c2-36530696e1ac','environment.held','Environment','69b9dd60-46c5-5c86-89e6-68b7805e37e9','prod','{"environment":"prod","release":"shop-1","reason":"freeze","by":"uid:0","person":"root"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(39,'01a22fe4-860f-7d34-b6ba-f45312008d65','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.resolved','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0","channel":"beta","by":"uid:0"}','2026-12-01T04:37:15Z');
INSERT INTO "events" VALUES(40,'01a22fe4-8621-7294-85f9-4a8fe27cc47f','d4e8d45a-1cf6-5761-81c2-36530696e1ac','version.updated','Component','1b17908a-50dd-5105-9d4b-3952fce59b8c','web','{"component":"web","componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","channel":"beta","tag":"v1.1.0-rc.1","digest":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756","semver":"1.1.0"}','2026-12-01T04:37:15Z');
CREATE TABLE head_facts (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    head         TEXT NOT NULL,
    digest       TEXT NOT NULL,
    facts        TEXT NOT NULL CHECK (json_valid(facts)),
    PRIMARY KEY (component_id, head, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "head_facts" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:ef71a32faaa1569b08a76ea1a6b226be9bf3e1f3ca90736660339b8a03422262","layers":["sha256:25fd29db9c7f1063f331f72d985f534e98d2bfac439486453ad3e4dd95b80a71"],"labels":{},"platform":"linux/amd64","created":0}');
INSERT INTO "head_facts" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:8cf05e4ead8e34e74922e2d50aa3aaa49f6911a4eaf4e37b3ad3e441f7a7d265","layers":["sha256:b16d6de88c6a57fb7532f745ea186cb6dab551e21be5d35c469efdb8fe7fa5cd"],"annotations":{"=base.digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},"labels":{},"platform":"linux/amd64","created":0}');
INSERT INTO "head_facts" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','{"mediaType":"application/vnd.oci.image.index.v1+json","others":{}}');
INSERT INTO "head_facts" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:71957dba122065fdae34f3137805134d188392a86264f32a6e4fc00807d14407","layers":["sha256:80c47764a5a22a8c870c30a3984083c3b6691adcb0128e9730daba30fd3eb201"],"labels":{},"platform":"linux/amd64","created":0}');
INSERT INTO "head_facts" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','{"mediaType":"application/vnd.oci.image.index.v1+json","others":{}}');
CREATE TABLE image_bases (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "image_bases" VALUES(1,'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
CREATE TABLE "image_facts" (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    facts  TEXT NOT NULL CHECK (json_valid(facts)),
    layers TEXT NOT NULL CHECK (json_valid(layers)),
    base   INTEGER
) STRICT;
INSERT INTO "image_facts" VALUES(1,'sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','{"mediaType":"application/vnd.oci.image.index.v1+json","others":{}}','[]',NULL);
INSERT INTO "image_facts" VALUES(2,'sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:d6a8b7c2ffc35b5ce90d4e2d107f3a92b485517b90610df6d2ebc8e1187f2ba4"}','[1]',NULL);
INSERT INTO "image_facts" VALUES(3,'sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:0b44556655f18bb561e4114fe1cbc5658844f22f3baf829286872cf551d41613"}','[1]',NULL);
INSERT INTO "image_facts" VALUES(4,'sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','{"mediaType":"application/vnd.oci.image.index.v1+json","others":{}}','[]',NULL);
INSERT INTO "image_facts" VALUES(5,'sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:daf241f4637696263bf191bdf26b4c82f8678b08c3b8140e1e2c908e1f690b16"}','[2]',NULL);
INSERT INTO "image_facts" VALUES(6,'sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:88e4d49c139b6fcad081b7ca51074ca6950b8b818446adc44022b21298c0e6b9"}','[2]',NULL);
INSERT INTO "image_facts" VALUES(7,'sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"sha256:8cf05e4ead8e34e74922e2d50aa3aaa49f6911a4eaf4e37b3ad3e441f7a7d265","annotations":{"=base.digest":"="},"labels":{},"platform":"linux/amd64","created":0}','[3]',1);
CREATE TABLE image_layers (
    layer INTEGER NOT NULL,
    image INTEGER NOT NULL,
    PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;
INSERT INTO "image_layers" VALUES(1,2);
INSERT INTO "image_layers" VALUES(1,3);
INSERT INTO "image_layers" VALUES(2,5);
INSERT INTO "image_layers" VALUES(2,6);
INSERT INTO "image_layers" VALUES(3,7);
CREATE TABLE image_uses (
    image   INTEGER NOT NULL,
    release INTEGER NOT NULL,
    PRIMARY KEY (image, release)
) STRICT, WITHOUT ROWID;
INSERT INTO "image_uses" VALUES(1,2);
INSERT INTO "image_uses" VALUES(1,3);
INSERT INTO "image_uses" VALUES(1,4);
INSERT INTO "image_uses" VALUES(2,2);
INSERT INTO "image_uses" VALUES(2,3);
INSERT INTO "image_uses" VALUES(2,4);
INSERT INTO "image_uses" VALUES(3,2);
INSERT INTO "image_uses" VALUES(3,3);
INSERT INTO "image_uses" VALUES(3,4);
INSERT INTO "image_uses" VALUES(4,2);
INSERT INTO "image_uses" VALUES(4,3);
INSERT INTO "image_uses" VALUES(5,2);
INSERT INTO "image_uses" VALUES(5,3);
INSERT INTO "image_uses" VALUES(6,2);
INSERT INTO "image_uses" VALUES(6,3);
INSERT INTO "image_uses" VALUES(7,4);
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
INSERT INTO "integrations" VALUES('22caf360-930b-5fff-afb3-351008ccf630','d4e8d45a-1cf6-5761-81c2-36530696e1ac','r','r','auto','http://127.0.0.1:28220','{"apiVersion":"relman/v1","kind":"Registry","metadata":{"name":"r"},"spec":{"url":"http://127.0.0.1:28220"}}','sha256:0712f25df60c08c126cc56c2aa3aaeb02e029b33aa1650520cdc8b32c746fc2c','spec','/srv/relman/specs/site.yaml',1,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
CREATE TABLE layers (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL
) STRICT;
INSERT INTO "layers" VALUES(1,X'C6481755F3269C8B6F48DDB88E401CF5BF4EA755161134F2AF61E23E3C150018');
INSERT INTO "layers" VALUES(2,X'59DC210C6831966770F7A6FBC6B0D062D079EB65B8F39244A4A8CE48B7DD126B');
INSERT INTO "layers" VALUES(3,X'B16D6DE88C6A57FB7532F745EA186CB6DAB551E21BE5D35C469EFDB8FE7FA5CD');
CREATE TABLE manifests (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL,
    platforms    TEXT NOT NULL CHECK (json_valid(platforms)),
    created      INTEGER NOT NULL DEFAULT -1,
    fetched_at   TEXT NOT NULL, artifact TEXT, signature TEXT CHECK (signature IN ('valid', 'missing', 'invalid')), signature_policy TEXT, signature_detail TEXT, signature_at TEXT, signature_until TEXT, signature_tolerated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (component_id, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "manifests" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756"}',0,'2026-12-01T04:37:15Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
INSERT INTO "manifests" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','application/vnd.oci.image.manifest.v1+json',529,'{"linux/amd64":"sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6"}',0,'2026-12-01T04:37:15Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
INSERT INTO "manifests" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','application/vnd.oci.image.index.v1+json',491,'{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"}',-1,'2026-12-01T04:37:14Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313"}',0,'2026-12-01T04:37:15Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','application/vnd.oci.image.manifest.v1+json',401,'{"linux/amd64":"sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5"}',0,'2026-12-01T04:37:14Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
INSERT INTO "manifests" VALUES('489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','application/vnd.oci.image.index.v1+json',491,'{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"}',-1,'2026-12-01T04:37:15Z','',NULL,NULL,NULL,'1970-01-01T00:00:00Z',NULL,0);
CREATE TABLE output_runs (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    output         TEXT NOT NULL,
    lock_digest    TEXT NOT NULL,
    at             TEXT NOT NULL, release TEXT, commit_id TEXT,
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
INSERT INTO "person_groups" VALUES('a308bf3f-c959-57bd-bfec-543a09afafbd','d4e8d45a-1cf6-5761-81c2-36530696e1ac','oncall','oncall','{"apiVersion":"relman/v1","kind":"Group","metadata":{"name":"oncall"},"spec":{"members":["anna","bob"]}}','sha256:45e469a2982cf5b5fb773ebf0069912fe1f0604d98e424ab5c6785534e36483f','spec','/srv/relman/specs/site.yaml',51,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
CREATE TABLE promotion_statements (
    id             INTEGER PRIMARY KEY,
    environment_id TEXT NOT NULL,
    number         INTEGER NOT NULL,
    digest         TEXT NOT NULL,
    history        INTEGER NOT NULL,
    at             TEXT NOT NULL,
    envelope       TEXT NOT NULL,
    UNIQUE (environment_id, number)
) STRICT;
INSERT INTO "promotion_statements" VALUES(1,'c145f00a-000a-5574-b4c2-417b00e55fe0',1,'sha256:6c2b73d4ee26cc4e16691ec57ffd482b51eb0f41db48b71c15cfb26c87b95f0b',1,'2026-12-01T04:37:14Z','{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJuYW1lIjoic3RhZ2luZy5sb2NrLnlhbWwiLCJkaWdlc3QiOnsic2hhMjU2IjoiOWFiMmExY2JiZTE2NmJmYzQ0YWM3MjQ1NjAwMjA4MWNiZGU5YjYzNDRmNjk4N2RlNGJkMjhjN2M4OGEyMzViOCJ9fSx7Im5hbWUiOiJhcGkiLCJkaWdlc3QiOnsic2hhMjU2IjoiNzAyOTE0OWM2NDFiZjMzNDNiMDAwOTkxNTBkZTNmMDFmY2MzYzExNzk5YTIyMDQwZDc3MjZhZWM0ZWY2OTQ5YiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiYjcxMDQ3MTBiYWQ3NTM5Y2E0ZGJmYjgwNzNlMGExZjc4OGJlNDNlYWY4YWU0MjZhZDYyYjE0Y2ZlNDRiZmVkNiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiOGVkY2IyZWU0NWNkNDczMjZlMWE3MTYzM2RmNzllYTM1NDVhNDkyZjlkNjVkMTJjMzM4YWE1ZTA4YmQ4MDE1NyJ9fSx7Im5hbWUiOiJ3ZWIiLCJkaWdlc3QiOnsic2hhMjU2IjoiZGMxMDQzMmI5ZmI0MDJlMGQyODFiZjVmODQ1MGNmMGY5NTQwN2ZjMjI5YzFkY2U2ODZmYjVmODE3NWY0MThhMCJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiZmQwMWNiNGI2Y2VkYzlmMDY4YjlmMzU4YTMzNmE2YmRiNzcxOWI2MjVmZTdhNWFiMWY2NzJhNjQzNzFlYzhjYiJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiMWNhOGNkNmU4ZGE1YzdhNmRiNTlmNjkzMzkxMmNlZDZmMDhlNWU0MjcyYmQxY2EzMDJjNzlkNTgxM2FjYTdkMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJ1cm46cmVsbWFuOnByb21vdGlvbjp2MSIsInByZWRpY2F0ZSI6eyJudW1iZXIiOjEsInVuc2lnbmVkIjowLCJlbnZpcm9ubWVudCI6eyJ0ZW5hbnQiOiJkZWZhdWx0IiwibmFtZSI6InN0YWdpbmciLCJpZCI6ImMxNDVmMDBhLTAwMGEtNTU3NC1iNGMyLTQxN2IwMGU1NWZlMCIsInNwZWNEaWdlc3QiOiJzaGEyNTY6YmFlOGQ5Nzc3MjJlNWY2MTA3MGFmZWJhNjBjNTU1YzZjMzMyZmVhODM4NWYwZTRhZmFiMDc4NzVkOGU5MTc3NiJ9LCJzdGF0dXMiOiJwcm9tb3RpbmciLCJhdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiYnkiOiJyZWxtYW5kIiwicHJvbW90aW9uSWQiOiIwMWEyMmZlNC04MzEyLTdhODYtYjU5NS1kNGMyMzY4MGY0NWIiLCJyZWxlYXNlIjp7Im5hbWUiOiJzaG9wLTEiLCJpZCI6IjA4NzA2Yjg0LThhM2YtNTMwZi04YzhiLTU2YjY1YmVhNTA5ZCIsImNyZWF0ZWRBdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiY3JlYXRlZEJ5IjoicmVsbWFuZCIsInNwZWNEaWdlc3QiOiJzaGEyNTY6MWY5ODE4MTljMGIwMTIzZGUwNjFhNWVhZGM4NmE3ZWJmNzQ2ZGMwODdhZTI4MTcxY2FmNjgxZjIxZDU0MTBlOCIsImxvY2tEaWdlc3QiOiJzaGEyNTY6NWNiZGE3MGYyMWFkM2I4ZTUxZWMzNDc5OWJhZTFmODNiOGVkYjdjYzRjZWVlNzUzMjA3NzRmNzM2YTE4Y2Q1MSIsInNvdXJjZSI6e319LCJnYXRlcyI6W3siZ2F0ZSI6InN0YXR1cyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImZhaWx1cmUiLCJzdGF0ZSI6Im9wZW4ifSx7ImdhdGUiOiJyZW1vdmFscyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6InNvdXJjZSIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImFwcHJvdmFscyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImNoZWNrcyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6InNvYWsiLCJzdGF0ZSI6Im9wZW4ifSx7ImdhdGUiOiJ3aW5kb3dzIiwic3RhdGUiOiJvcGVuIn1dLCJhcHByb3ZhbHMiOltdLCJjaGVja3MiOltdfX0=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"sha256:3e7b90b9e7fce147f11736bc12a7420584e4c110d46838189a884655383dcdaa","sig":"a8zgpeljKjXYvaJSJxZuFh/GgcyaDehqgXE84wk/B9U1wSOy1rtNYwVBcv7LeICyQynLQfP5lfmSUGLdjI65AQ=="}]}');
INSERT INTO "promotion_statements" VALUES(2,'c145f00a-000a-5574-b4c2-417b00e55fe0',2,'sha256:d90c6a31df79ec4b263d06f92b96417b4f5ea8dcfe80deee214485c0c8fd9759',2,'2026-12-01T04:37:14Z','{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJuYW1lIjoic3RhZ2luZy5sb2NrLnlhbWwiLCJkaWdlc3QiOnsic2hhMjU2IjoiOWFiMmExY2JiZTE2NmJmYzQ0YWM3MjQ1NjAwMjA4MWNiZGU5YjYzNDRmNjk4N2RlNGJkMjhjN2M4OGEyMzViOCJ9fSx7Im5hbWUiOiJhcGkiLCJkaWdlc3QiOnsic2hhMjU2IjoiNzAyOTE0OWM2NDFiZjMzNDNiMDAwOTkxNTBkZTNmMDFmY2MzYzExNzk5YTIyMDQwZDc3MjZhZWM0ZWY2OTQ5YiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiYjcxMDQ3MTBiYWQ3NTM5Y2E0ZGJmYjgwNzNlMGExZjc4OGJlNDNlYWY4YWU0MjZhZDYyYjE0Y2ZlNDRiZmVkNiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiOGVkY2IyZWU0NWNkNDczMjZlMWE3MTYzM2RmNzllYTM1NDVhNDkyZjlkNjVkMTJjMzM4YWE1ZTA4YmQ4MDE1NyJ9fSx7Im5hbWUiOiJ3ZWIiLCJkaWdlc3QiOnsic2hhMjU2IjoiZGMxMDQzMmI5ZmI0MDJlMGQyODFiZjVmODQ1MGNmMGY5NTQwN2ZjMjI5YzFkY2U2ODZmYjVmODE3NWY0MThhMCJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiZmQwMWNiNGI2Y2VkYzlmMDY4YjlmMzU4YTMzNmE2YmRiNzcxOWI2MjVmZTdhNWFiMWY2NzJhNjQzNzFlYzhjYiJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiMWNhOGNkNmU4ZGE1YzdhNmRiNTlmNjkzMzkxMmNlZDZmMDhlNWU0MjcyYmQxY2EzMDJjNzlkNTgxM2FjYTdkMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJ1cm46cmVsbWFuOnByb21vdGlvbjp2MSIsInByZWRpY2F0ZSI6eyJudW1iZXIiOjIsInByZXZpb3VzIjoic2hhMjU2OjZjMmI3M2Q0ZWUyNmNjNGUxNjY5MWVjNTdmZmQ0ODJiNTFlYjBmNDFkYjQ4YjcxYzE1Y2ZiMjZjODdiOTVmMGIiLCJ1bnNpZ25lZCI6MCwiZW52aXJvbm1lbnQiOnsidGVuYW50IjoiZGVmYXVsdCIsIm5hbWUiOiJzdGFnaW5nIiwiaWQiOiJjMTQ1ZjAwYS0wMDBhLTU1NzQtYjRjMi00MTdiMDBlNTVmZTAiLCJzcGVjRGlnZXN0Ijoic2hhMjU2OmJhZThkOTc3NzIyZTVmNjEwNzBhZmViYTYwYzU1NWM2YzMzMmZlYTgzODVmMGU0YWZhYjA3ODc1ZDhlOTE3NzYifSwic3RhdHVzIjoiZGVwbG95ZWQiLCJhdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiYnkiOiJyZWxtYW5kIiwicHJvbW90aW9uSWQiOiIwMWEyMmZlNC04MzEyLTdhODYtYjU5NS1kNGMyMzY4MGY0NWIiLCJyZWxlYXNlIjp7Im5hbWUiOiJzaG9wLTEiLCJpZCI6IjA4NzA2Yjg0LThhM2YtNTMwZi04YzhiLTU2YjY1YmVhNTA5ZCIsImNyZWF0ZWRBdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiY3JlYXRlZEJ5IjoicmVsbWFuZCIsInNwZWNEaWdlc3QiOiJzaGEyNTY6MWY5ODE4MTljMGIwMTIzZGUwNjFhNWVhZGM4NmE3ZWJmNzQ2ZGMwODdhZTI4MTcxY2FmNjgxZjIxZDU0MTBlOCIsImxvY2tEaWdlc3QiOiJzaGEyNTY6NWNiZGE3MGYyMWFkM2I4ZTUxZWMzNDc5OWJhZTFmODNiOGVkYjdjYzRjZWVlNzUzMjA3NzRmNzM2YTE4Y2Q1MSIsInNvdXJjZSI6e319LCJnYXRlcyI6W10sImFwcHJvdmFscyI6W10sImNoZWNrcyI6W119fQ==","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"sha256:3e7b90b9e7fce147f11736bc12a7420584e4c110d46838189a884655383dcdaa","sig":"gNHKOWZQju7DETrU4ol7A2p6rsEvkuu8kwHONY5DZkbmThHFHxa/favJwwurgwOl8Tq1IXl2ziJjUg0ldLSlBA=="}]}');
INSERT INTO "promotion_statements" VALUES(3,'69b9dd60-46c5-5c86-89e6-68b7805e37e9',1,'sha256:5a430809dd07d6b32728aa431cc9c783008056893e716937127ed085749a8c50',3,'2026-12-01T04:37:14Z','{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJuYW1lIjoicHJvZC5sb2NrLnlhbWwiLCJkaWdlc3QiOnsic2hhMjU2IjoiMDJkN2ZjYjM4Y2QxNjVmYjM5YjQyNDEyYTgxNDRkZWMxOGFhYWIxYWQ2N2YzNzhiMWQ5NTk2OWVmZDM0MjdlZSJ9fSx7Im5hbWUiOiJhcGkiLCJkaWdlc3QiOnsic2hhMjU2IjoiNzAyOTE0OWM2NDFiZjMzNDNiMDAwOTkxNTBkZTNmMDFmY2MzYzExNzk5YTIyMDQwZDc3MjZhZWM0ZWY2OTQ5YiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiYjcxMDQ3MTBiYWQ3NTM5Y2E0ZGJmYjgwNzNlMGExZjc4OGJlNDNlYWY4YWU0MjZhZDYyYjE0Y2ZlNDRiZmVkNiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiOGVkY2IyZWU0NWNkNDczMjZlMWE3MTYzM2RmNzllYTM1NDVhNDkyZjlkNjVkMTJjMzM4YWE1ZTA4YmQ4MDE1NyJ9fSx7Im5hbWUiOiJ3ZWIiLCJkaWdlc3QiOnsic2hhMjU2IjoiZGMxMDQzMmI5ZmI0MDJlMGQyODFiZjVmODQ1MGNmMGY5NTQwN2ZjMjI5YzFkY2U2ODZmYjVmODE3NWY0MThhMCJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiZmQwMWNiNGI2Y2VkYzlmMDY4YjlmMzU4YTMzNmE2YmRiNzcxOWI2MjVmZTdhNWFiMWY2NzJhNjQzNzFlYzhjYiJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiMWNhOGNkNmU4ZGE1YzdhNmRiNTlmNjkzMzkxMmNlZDZmMDhlNWU0MjcyYmQxY2EzMDJjNzlkNTgxM2FjYTdkMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJ1cm46cmVsbWFuOnByb21vdGlvbjp2MSIsInByZWRpY2F0ZSI6eyJudW1iZXIiOjEsInVuc2lnbmVkIjowLCJlbnZpcm9ubWVudCI6eyJ0ZW5hbnQiOiJkZWZhdWx0IiwibmFtZSI6InByb2QiLCJpZCI6IjY5YjlkZDYwLTQ2YzUtNWM4Ni04OWU2LTY4Yjc4MDVlMzdlOSIsInNwZWNEaWdlc3QiOiJzaGEyNTY6M2YzNjRiMTliMmZjMDY1MjY4YzJkOWZkYTgxOGRhODNmOTNiZjljYmRmZTgxNTQ0YWIwNmZjY2FiZjJmYTZjMiJ9LCJzdGF0dXMiOiJwcm9tb3RpbmciLCJhdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiYnkiOiJyZWxtYW5kIiwicHJvbW90aW9uSWQiOiIwMWEyMmZlNC04M2FkLTcyMDItYWYwZi1mMWFhZjQwOGY5ZmIiLCJyZWxlYXNlIjp7Im5hbWUiOiJzaG9wLTEiLCJpZCI6IjA4NzA2Yjg0LThhM2YtNTMwZi04YzhiLTU2YjY1YmVhNTA5ZCIsImNyZWF0ZWRBdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiY3JlYXRlZEJ5IjoicmVsbWFuZCIsInNwZWNEaWdlc3QiOiJzaGEyNTY6MWY5ODE4MTljMGIwMTIzZGUwNjFhNWVhZGM4NmE3ZWJmNzQ2ZGMwODdhZTI4MTcxY2FmNjgxZjIxZDU0MTBlOCIsImxvY2tEaWdlc3QiOiJzaGEyNTY6N2Y2NGMwNjM2YTU2NzQxZTcwNzJiODY4MzczNDM3MjliODlkY2I0MGY1ZmU0NGNiODlmZmRkZWRiNmExZTYxYyIsInNvdXJjZSI6e319LCJnYXRlcyI6W3siZ2F0ZSI6InN0YXR1cyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImZhaWx1cmUiLCJzdGF0ZSI6Im9wZW4ifSx7ImdhdGUiOiJyZW1vdmFscyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6InNvdXJjZSIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImFwcHJvdmFscyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6ImNoZWNrcyIsInN0YXRlIjoib3BlbiJ9LHsiZ2F0ZSI6InNvYWsiLCJzdGF0ZSI6Im9wZW4ifSx7ImdhdGUiOiJ3aW5kb3dzIiwic3RhdGUiOiJvcGVuIn1dLCJhcHByb3ZhbHMiOlt7InZlcmRpY3QiOiJhcHByb3ZlZCIsInBlcnNvbiI6InJvb3QiLCJieSI6InVpZDowIiwiYXQiOiIyMDI2LTEyLTAxVDA0OjM3OjE0WiJ9XSwiY2hlY2tzIjpbeyJuYW1lIjoic2NhbiIsInN0YXR1cyI6InBhc3NlZCIsInBoYXNlIjoiYmVmb3JlIiwiYXQiOiIyMDI2LTEyLTAxVDA0OjM3OjE0WiIsImJ5IjoidWlkOjAiLCJwZXJzb24iOiJyb290IiwiZXZpZGVuY2VSZWYiOiJodHRwczovL2NpLmV4YW1wbGUuY29tLzE3In1dfX0=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"sha256:3e7b90b9e7fce147f11736bc12a7420584e4c110d46838189a884655383dcdaa","sig":"baqyYwQ55AgoaGAa29898veLgt3AbYnzuofL2ryweesOX/e6d7j6/ZE08jxN217ccxhMvRm8rYrqJ+GcmmreDg=="}]}');
INSERT INTO "promotion_statements" VALUES(4,'69b9dd60-46c5-5c86-89e6-68b7805e37e9',2,'sha256:9fed620637f93b20a9be8ea51b1af64af944d26a9af69b3437578b8af479d2fc',4,'2026-12-01T04:37:14Z','{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJuYW1lIjoicHJvZC5sb2NrLnlhbWwiLCJkaWdlc3QiOnsic2hhMjU2IjoiMDJkN2ZjYjM4Y2QxNjVmYjM5YjQyNDEyYTgxNDRkZWMxOGFhYWIxYWQ2N2YzNzhiMWQ5NTk2OWVmZDM0MjdlZSJ9fSx7Im5hbWUiOiJhcGkiLCJkaWdlc3QiOnsic2hhMjU2IjoiNzAyOTE0OWM2NDFiZjMzNDNiMDAwOTkxNTBkZTNmMDFmY2MzYzExNzk5YTIyMDQwZDc3MjZhZWM0ZWY2OTQ5YiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiYjcxMDQ3MTBiYWQ3NTM5Y2E0ZGJmYjgwNzNlMGExZjc4OGJlNDNlYWY4YWU0MjZhZDYyYjE0Y2ZlNDRiZmVkNiJ9fSx7Im5hbWUiOiJhcGkgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiOGVkY2IyZWU0NWNkNDczMjZlMWE3MTYzM2RmNzllYTM1NDVhNDkyZjlkNjVkMTJjMzM4YWE1ZTA4YmQ4MDE1NyJ9fSx7Im5hbWUiOiJ3ZWIiLCJkaWdlc3QiOnsic2hhMjU2IjoiZGMxMDQzMmI5ZmI0MDJlMGQyODFiZjVmODQ1MGNmMGY5NTQwN2ZjMjI5YzFkY2U2ODZmYjVmODE3NWY0MThhMCJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYW1kNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiZmQwMWNiNGI2Y2VkYzlmMDY4YjlmMzU4YTMzNmE2YmRiNzcxOWI2MjVmZTdhNWFiMWY2NzJhNjQzNzFlYzhjYiJ9fSx7Im5hbWUiOiJ3ZWIgbGludXgvYXJtNjQiLCJkaWdlc3QiOnsic2hhMjU2IjoiMWNhOGNkNmU4ZGE1YzdhNmRiNTlmNjkzMzkxMmNlZDZmMDhlNWU0MjcyYmQxY2EzMDJjNzlkNTgxM2FjYTdkMiJ9fV0sInByZWRpY2F0ZVR5cGUiOiJ1cm46cmVsbWFuOnByb21vdGlvbjp2MSIsInByZWRpY2F0ZSI6eyJudW1iZXIiOjIsInByZXZpb3VzIjoic2hhMjU2OjVhNDMwODA5ZGQwN2Q2YjMyNzI4YWE0MzFjYzljNzgzMDA4MDU2ODkzZTcxNjkzNzEyN2VkMDg1NzQ5YThjNTAiLCJ1bnNpZ25lZCI6MCwiZW52aXJvbm1lbnQiOnsidGVuYW50IjoiZGVmYXVsdCIsIm5hbWUiOiJwcm9kIiwiaWQiOiI2OWI5ZGQ2MC00NmM1LTVjODYtODllNi02OGI3ODA1ZTM3ZTkiLCJzcGVjRGlnZXN0Ijoic2hhMjU2OjNmMzY0YjE5YjJmYzA2NTI2OGMyZDlmZGE4MThkYTgzZjkzYmY5Y2JkZmU4MTU0NGFiMDZmY2NhYmYyZmE2YzIifSwic3RhdHVzIjoiZGVwbG95ZWQiLCJhdCI6IjIwMjYtMTItMDFUMDQ6Mzc6MTRaIiwiYnkiOiJ1aWQ6MCIsImV2aWRlbmNlUmVmIjoiQ1ItMTciLCJwcm9tb3Rpb25JZCI6IjAxYTIyZmU0LTgzYWQtNzIwMi1hZjBmLWYxYWFmNDA4ZjlmYiIsInJlbGVhc2UiOnsibmFtZSI6InNob3AtMSIsImlkIjoiMDg3MDZiODQtOGEzZi01MzBmLThjOGItNTZiNjViZWE1MDlkIiwiY3JlYXRlZEF0IjoiMjAyNi0xMi0wMVQwNDozNzoxNFoiLCJjcmVhdGVkQnkiOiJyZWxtYW5kIiwic3BlY0RpZ2VzdCI6InNoYTI1NjoxZjk4MTgxOWMwYjAxMjNkZTA2MWE1ZWFkYzg2YTdlYmY3NDZkYzA4N2FlMjgxNzFjYWY2ODFmMjFkNTQxMGU4IiwibG9ja0RpZ2VzdCI6InNoYTI1Njo3ZjY0YzA2MzZhNTY3NDFlNzA3MmI4NjgzNzM0MzcyOWI4OWRjYjQwZjVmZTQ0Y2I4OWZmZGRlZGI2YTFlNjFjIiwic291cmNlIjp7fX0sImdhdGVzIjpbXSwiYXBwcm92YWxzIjpbeyJ2ZXJkaWN0IjoiYXBwcm92ZWQiLCJwZXJzb24iOiJyb290IiwiYnkiOiJ1aWQ6MCIsImF0IjoiMjAyNi0xMi0wMVQwNDozNzoxNFoifV0sImNoZWNrcyI6W3sibmFtZSI6InNjYW4iLCJzdGF0dXMiOiJwYXNzZWQiLCJwaGFzZSI6ImJlZm9yZSIsImF0IjoiMjAyNi0xMi0wMVQwNDozNzoxNFoiLCJieSI6InVpZDowIiwicGVyc29uIjoicm9vdCIsImV2aWRlbmNlUmVmIjoiaHR0cHM6Ly9jaS5leGFtcGxlLmNvbS8xNyJ9LHsibmFtZSI6InNtb2tlIiwic3RhdHVzIjoicGFzc2VkIiwicGhhc2UiOiJhZnRlciIsImF0IjoiMjAyNi0xMi0wMVQwNDozNzoxNFoiLCJieSI6InVpZDowIiwicGVyc29uIjoicm9vdCIsIm1lc3NhZ2UiOiJpdCBhbnN3ZXJzIn1dfX0=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"sha256:3e7b90b9e7fce147f11736bc12a7420584e4c110d46838189a884655383dcdaa","sig":"pvaA8WjRV5UB4JCI2VonftWIeUgbL2QnKBPvz9tZfeHP6ZNZIXEn8DGk3YKu6AFoiavB95BbwvYNUkFzN52NBA=="}]}');
CREATE TABLE release_components (
    release_id   TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    component_id TEXT NOT NULL,
    digest       TEXT NOT NULL,
    tag          TEXT,
    semver       TEXT,
    PRIMARY KEY (release_id, component_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "release_components" VALUES('01a22fe4-8468-7bb6-b881-c95c0c048014','1b17908a-50dd-5105-9d4b-3952fce59b8c','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','v1.2.0-rc.1','1.2.0-rc.1');
INSERT INTO "release_components" VALUES('01a22fe4-8468-7bb6-b881-c95c0c048014','489f6dce-8557-525f-bed2-72f083f18098','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','v1.0.0','1.0.0');
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
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','127.0.0.1:28220/app/api');
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157','127.0.0.1:28220/app/api');
INSERT INTO "release_digests" VALUES('sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6','127.0.0.1:28220/app/api');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2','127.0.0.1:28220/app/web');
INSERT INTO "release_digests" VALUES('sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','127.0.0.1:28220/app/web');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','127.0.0.1:28220/app/web');
INSERT INTO "release_digests" VALUES('sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb','127.0.0.1:28220/app/web');
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
INSERT INTO "release_environment_state" VALUES('5a13a314-4131-5e30-9653-dd1aca6a1fc2','d4e8d45a-1cf6-5761-81c2-36530696e1ac','c145f00a-000a-5574-b4c2-417b00e55fe0','08706b84-8a3f-530f-8c8b-56b65bea509d','deployed','2026-12-01T04:37:14Z','85e1b3e2-7e35-5675-af79-bac8b99e3f31','01a22fe4-8312-7a86-b595-d4c23680f45b',NULL,'08706b84-8a3f-530f-8c8b-56b65bea509d',NULL);
INSERT INTO "release_environment_state" VALUES('beaa34ce-7720-5bd3-b210-76afda0df19e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','69b9dd60-46c5-5c86-89e6-68b7805e37e9','08706b84-8a3f-530f-8c8b-56b65bea509d','deployed','2026-12-01T04:37:14Z','0ff618c8-74e5-5239-9d6d-5db8460e9999','01a22fe4-83ad-7202-af0f-f1aaf408f9fb','CR-17','08706b84-8a3f-530f-8c8b-56b65bea509d',NULL);
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
    created_by    TEXT REFERENCES users(id), seal TEXT, created_person TEXT, number INTEGER,
    UNIQUE (tenant_id, name)
) STRICT;
INSERT INTO "releases" VALUES('cb083712-164e-54a6-8ee3-dc66e72b137e','d4e8d45a-1cf6-5761-81c2-36530696e1ac','draft','draft','[]','{}','draft','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"draft"},"spec":{"components":[{"name":"api","version":"9.0.0"}]}}','sha256:596e5fcedbc0a27f6cad28c6464d04287b815771f0740788adae465f06d48dac','spec','/srv/relman/specs/site.yaml',21,NULL,0,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z',NULL,'sha256:6f7eaf429495a95ad761cef4865814a5357e9f99764186f1362940f2d89508e8',NULL,1);
INSERT INTO "releases" VALUES('f639e61d-6ed4-5cb0-803f-621c2c8edbb1','d4e8d45a-1cf6-5761-81c2-36530696e1ac','one','one','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:28220/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-12-01T04:37:14Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"},"configs":{"linux/amd64":"sha256:d6a8b7c2ffc35b5ce90d4e2d107f3a92b485517b90610df6d2ebc8e1187f2ba4","linux/arm64":"sha256:0b44556655f18bb561e4114fe1cbc5658844f22f3baf829286872cf551d41613"}},{"componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","componentName":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:28220/app/web","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-12-01T04:37:14Z","size":491,"platforms":{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"},"configs":{"linux/amd64":"sha256:daf241f4637696263bf191bdf26b4c82f8678b08c3b8140e1e2c908e1f690b16","linux/arm64":"sha256:88e4d49c139b6fcad081b7ca51074ca6950b8b818446adc44022b21298c0e6b9"}}]','{"commitSha":"abc"}','deprecated','{"team":"shop"}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"one","labels":{"team":"shop"}},"spec":{"components":[{"name":"api","version":"1.0.0"},{"name":"web","tag":"v1.0.0"}],"sourceRef":{"commitSha":"abc"}}}','sha256:99bb5eefc3b4173c0681ab900e8433b6bd0023d546227ed5d2dd715779bce573','spec','/srv/relman/specs/site.yaml',16,NULL,0,'2026-12-01T04:37:14Z','2026-12-01T04:37:15Z',NULL,'sha256:bb7f7287c62b226cd11e22a0b6e313a9110d10a4df423b90f7b71ca2ebbb8793',NULL,2);
INSERT INTO "releases" VALUES('08706b84-8a3f-530f-8c8b-56b65bea509d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','shop-1','shop-1','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:28220/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-12-01T04:37:14Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"},"configs":{"linux/amd64":"sha256:d6a8b7c2ffc35b5ce90d4e2d107f3a92b485517b90610df6d2ebc8e1187f2ba4","linux/arm64":"sha256:0b44556655f18bb561e4114fe1cbc5658844f22f3baf829286872cf551d41613"}},{"componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","componentName":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:28220/app/web","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-12-01T04:37:14Z","size":491,"platforms":{"linux/amd64":"sha256:fd01cb4b6cedc9f068b9f358a336a6bdb7719b625fe7a5ab1f672a64371ec8cb","linux/arm64":"sha256:1ca8cd6e8da5c7a6db59f6933912ced6f08e5e4272bd1ca302c79d5813aca7d2"},"configs":{"linux/amd64":"sha256:daf241f4637696263bf191bdf26b4c82f8678b08c3b8140e1e2c908e1f690b16","linux/arm64":"sha256:88e4d49c139b6fcad081b7ca51074ca6950b8b818446adc44022b21298c0e6b9"}}]','{}','deployed','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"shop-1"},"spec":{"components":[{"name":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b"},{"name":"web","digest":"sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0"}]}}','sha256:1f981819c0b0123de061a5eadc86a7ebf746dc087ae28171caf681f21d5410e8','stream',NULL,0,'84f54687-490f-53fc-a8f9-94ac98401807',1,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z','85e1b3e2-7e35-5675-af79-bac8b99e3f31','sha256:5b29e9f7c8f49888a3144f234e953afce21497b534319062549019131873e9f3',NULL,3);
INSERT INTO "releases" VALUES('01a22fe4-8468-7bb6-b881-c95c0c048014','d4e8d45a-1cf6-5761-81c2-36530696e1ac','by-hand','by-hand','[{"componentId":"489f6dce-8557-525f-bed2-72f083f18098","componentName":"api","digest":"sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b","semver":"1.0.0","tag":"v1.0.0","role":"primary","imageRepository":"127.0.0.1:28220/app/api","channel":"stable","mediaType":"application/vnd.oci.image.index.v1+json","resolvedAt":"2026-12-01T04:37:15Z","size":491,"platforms":{"linux/amd64":"sha256:b7104710bad7539ca4dbfb8073e0a1f788be43eaf8ae426ad62b14cfe44bfed6","linux/arm64":"sha256:8edcb2ee45cd47326e1a71633df79ea3545a492f9d65d12c338aa5e08bd80157"},"configs":{"linux/amd64":"sha256:d6a8b7c2ffc35b5ce90d4e2d107f3a92b485517b90610df6d2ebc8e1187f2ba4","linux/arm64":"sha256:0b44556655f18bb561e4114fe1cbc5658844f22f3baf829286872cf551d41613"}},{"componentId":"1b17908a-50dd-5105-9d4b-3952fce59b8c","componentName":"web","digest":"sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6","semver":"1.2.0-rc.1","tag":"v1.2.0-rc.1","role":"primary","imageRepository":"127.0.0.1:28220/app/web","channel":"rc","mediaType":"application/vnd.oci.image.manifest.v1+json","resolvedAt":"2026-12-01T04:37:15Z","size":529,"platforms":{"linux/amd64":"sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6"},"configs":{"linux/amd64":"sha256:8cf05e4ead8e34e74922e2d50aa3aaa49f6911a4eaf4e37b3ad3e441f7a7d265"}}]','{}','ready','{}','{"apiVersion":"relman/v1","kind":"Release","metadata":{"name":"by-hand"},"spec":{"components":[{"name":"api","version":"1.0.0"},{"name":"web","version":"1.2.0-rc.1"}]}}','sha256:21da5480ba625c807b427828b0bfffe83fa2dad792a3ad7b5b49c2742ae6cf88','api',NULL,1,NULL,0,'2026-12-01T04:37:15Z','2026-12-01T04:37:15Z','0ff618c8-74e5-5239-9d6d-5db8460e9999','sha256:a4fe2e2987b6462959a8a64e3fd4213f82e0deef157007d345f6f1cc007de163','root',4);
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
INSERT INTO "streams" VALUES('84f54687-490f-53fc-a8f9-94ac98401807','d4e8d45a-1cf6-5761-81c2-36530696e1ac','shop','shop','{"apiVersion":"relman/v1","kind":"ReleaseStream","metadata":{"name":"shop"},"spec":{"components":["api","web"],"settle":"0"}}','sha256:3ebc43d122cd946dc608d991c3df74478f9b689db323cbc68e19d5b7a6533d01','spec','/srv/relman/specs/site.yaml',26,'2026-12-01T04:37:14Z','2026-12-01T04:37:14Z');
CREATE TABLE tag_history (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    seen_at      INTEGER NOT NULL,
    digest       TEXT NOT NULL, until INTEGER NOT NULL DEFAULT 0, change TEXT,
    PRIMARY KEY (component_id, tag, seen_at, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO "tag_history" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0',1796099834485297,'sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b',1796099835238552,'platforms');
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
INSERT INTO "tag_moves" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','2026-12-01T04:37:15Z',NULL,NULL,NULL);
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
INSERT INTO "tags" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0',NULL,1796099834481687,1796099834485584,1796099835415101,0,0);
INSERT INTO "tags" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756',NULL,1796099834481687,1796099834485580,1796099834485580,0,0);
INSERT INTO "tags" VALUES('1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.2.0-rc.1','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6',NULL,1796099834481687,1796099834485285,1796099835415119,0,0);
INSERT INTO "tags" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:0ba51eac556f55346708a737dfcc7a2409d9fcbe099988b7f42e9862fbf0f313',NULL,1796099834479686,1796099835238552,1796099835323259,0,0);
INSERT INTO "tags" VALUES('489f6dce-8557-525f-bed2-72f083f18098','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5',NULL,1796099834479686,1796099834481793,1796099835322644,0,0);
CREATE TABLE tenants (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_at  TEXT NOT NULL
) STRICT;
INSERT INTO "tenants" VALUES('d4e8d45a-1cf6-5761-81c2-36530696e1ac','default','2026-12-01T04:37:14Z');
CREATE TABLE users (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
INSERT INTO "users" VALUES('85e1b3e2-7e35-5675-af79-bac8b99e3f31','d4e8d45a-1cf6-5761-81c2-36530696e1ac','relmand','2026-12-01T04:37:14Z');
INSERT INTO "users" VALUES('0ff618c8-74e5-5239-9d6d-5db8460e9999','d4e8d45a-1cf6-5761-81c2-36530696e1ac','uid:0','2026-12-01T04:37:14Z');
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
INSERT INTO "version_maps" VALUES('68bd4e7f-b143-583e-ab0f-885bf23b8f79','d4e8d45a-1cf6-5761-81c2-36530696e1ac','1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.0.0','sha256:dc10432b9fb402e0d281bf5f8450cf0f95407fc229c1dce686fb5f8175f418a0','1.0.0','stable',0,NULL,X'0131000003',3,0,'2026-12-01T04:37:14Z','auto');
INSERT INTO "version_maps" VALUES('c05ac542-fa1b-5208-bf35-c31a9133a35a','d4e8d45a-1cf6-5761-81c2-36530696e1ac','1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.1.0-rc.1','sha256:b68dad3708222a0e0bebaddf148e0d2642545ba1016d09318088118f90959756','1.1.0','beta',0,NULL,X'013101310003',3,0,'2026-12-01T04:37:15Z','manual');
INSERT INTO "version_maps" VALUES('2c0e2e6c-3639-58bf-a7b8-d98ff25cb4dd','d4e8d45a-1cf6-5761-81c2-36530696e1ac','1b17908a-50dd-5105-9d4b-3952fce59b8c','v1.2.0-rc.1','sha256:cad71c03df074397aef36f45e4f39fa92877e54cefbde0316d712a5f49a247d6','1.2.0-rc.1','rc',1,NULL,X'01310132000272630001013100',3,0,'2026-12-01T04:37:14Z','auto');
INSERT INTO "version_maps" VALUES('a0194d29-64c2-5be9-b4a1-7f1de0e84598','d4e8d45a-1cf6-5761-81c2-36530696e1ac','489f6dce-8557-525f-bed2-72f083f18098','v1.0.0','sha256:7029149c641bf3343b00099150de3f01fcc3c11799a22040d7726aec4ef6949b','1.0.0','stable',0,NULL,X'0131000003',3,0,'2026-12-01T04:37:14Z','auto');
INSERT INTO "version_maps" VALUES('7b335891-fd03-5a07-91e5-b2aa3bf9203d','d4e8d45a-1cf6-5761-81c2-36530696e1ac','489f6dce-8557-525f-bed2-72f083f18098','v1.1.0-rc.1','sha256:1083e2eeb7110ce7c622b1b5ae3466edb0b2e4fd50520268987102e5fdcd10a5','1.1.0-rc.1','rc',1,NULL,X'01310131000272630001013100',3,0,'2026-12-01T04:37:14Z','auto');
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
CREATE VIEW layer_places(n) AS WITH RECURSIVE places(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM places WHERE n < 126)
    SELECT n FROM places;
CREATE TRIGGER head_facts_moved AFTER UPDATE OF digest ON channels WHEN new.digest <> old.digest BEGIN
    DELETE FROM head_facts WHERE component_id = old.component_id AND head NOT IN
        (SELECT digest FROM channels WHERE component_id = old.component_id);
END;
CREATE TRIGGER head_facts_gone AFTER DELETE ON channels BEGIN
    DELETE FROM head_facts WHERE component_id = old.component_id AND head NOT IN
        (SELECT digest FROM channels WHERE component_id = old.component_id);
END;
CREATE INDEX idx_tag_history_until ON tag_history(component_id, until);
CREATE UNIQUE INDEX idx_approvals_sequence ON approvals(environment_id, sequence);
CREATE INDEX idx_releases_number ON releases(number, tenant_id, created_at, status);
CREATE INDEX idx_layers_digest ON layers(substr(digest, 1, 8));
CREATE INDEX idx_image_facts_base ON image_facts(base) WHERE base IS NOT NULL;
CREATE TRIGGER image_facts_insert AFTER INSERT ON image_facts BEGIN
    INSERT OR IGNORE INTO image_layers (layer, image) SELECT value, new.id FROM json_each(new.layers);
    INSERT OR IGNORE INTO image_uses (image, release) SELECT new.id, r.number FROM release_digests d
        CROSS JOIN release_components rc ON rc.digest = d.of_digest CROSS JOIN releases r ON r.id = rc.release_id
        WHERE d.digest = new.digest;
END;
CREATE TRIGGER image_facts_delete AFTER DELETE ON image_facts BEGIN
    DELETE FROM image_uses WHERE image = old.id;
    DELETE FROM image_layers WHERE image = old.id AND layer IN (SELECT value FROM json_each(old.layers));
    DELETE FROM layers WHERE id IN (SELECT value FROM json_each(old.layers)) AND NOT EXISTS
        (SELECT 1 FROM image_layers WHERE layer = layers.id);
    DELETE FROM image_bases WHERE id = old.base AND NOT EXISTS (SELECT 1 FROM image_facts WHERE base = old.base);
END;
CREATE TRIGGER image_facts_unused AFTER DELETE ON release_digests BEGIN
    DELETE FROM image_facts WHERE digest = old.digest AND NOT EXISTS
        (SELECT 1 FROM release_digests WHERE digest = old.digest);
END;
CREATE TRIGGER release_components_used AFTER INSERT ON release_components BEGIN
    INSERT OR IGNORE INTO image_uses (image, release) SELECT i.id, r.number FROM release_digests d
        CROSS JOIN image_facts i ON i.digest = d.digest CROSS JOIN releases r ON r.id = new.release_id
        WHERE d.of_digest = new.digest;
END;
CREATE TRIGGER release_digests_used AFTER INSERT ON release_digests BEGIN
    INSERT OR IGNORE INTO image_uses (image, release) SELECT i.id, r.number FROM image_facts i
        CROSS JOIN release_components rc ON rc.digest = new.of_digest CROSS JOIN releases r ON r.id = rc.release_id
        WHERE i.digest = new.digest;
END;
CREATE TRIGGER release_components_unused BEFORE DELETE ON release_components BEGIN
    DELETE FROM image_uses WHERE release = (SELECT number FROM releases WHERE id = old.release_id) AND image IN
        (SELECT i.id FROM release_digests d CROSS JOIN image_facts i ON i.digest = d.digest
            WHERE d.of_digest = old.digest) AND NOT EXISTS
        (SELECT 1 FROM image_facts i CROSS JOIN release_digests d ON d.digest = i.digest CROSS JOIN release_components rc
            ON rc.digest = d.of_digest AND rc.release_id = old.release_id AND rc.component_id <> old.component_id
            WHERE i.id = image_uses.image);
END;
CREATE TRIGGER releases_unused BEFORE DELETE ON releases BEGIN
    DELETE FROM image_uses WHERE release = old.number AND image IN
        (SELECT i.id FROM release_components rc CROSS JOIN release_digests d ON d.of_digest = rc.digest
            CROSS JOIN image_facts i ON i.digest = d.digest WHERE rc.release_id = old.id);
END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',40);
INSERT INTO "sqlite_sequence" VALUES('environment_history',4);
INSERT INTO "sqlite_sequence" VALUES('audit',10);
COMMIT;
PRAGMA application_id = 1919249485;
PRAGMA user_version = 26;
