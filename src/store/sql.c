/* Every SQL text, by statement. A plan test reads EXPLAIN QUERY PLAN of each. */

#include "store/stmt.h"

#define RELEASE_COLUMNS                                                                            \
        "r.id, t.name, r.name, r.display_name, r.components, r.source_ref, r.status, r.metadata, " \
        "r.spec_digest, r.declared_file, r.declared_line, r.created_at, r.updated_at, "            \
        "r.managed_by, r.stream_id, r.sequence, u.name "
#define FROM_RELEASES                                                                              \
        "FROM releases r JOIN tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by "
#define DEPLOYMENT_COLUMNS                                                                         \
        "s.environment_id, s.release_id, r.name, s.status, s.deployed_at, u.name, "                \
        "s.promotion_id, s.evidence_ref, s.deployed_release_id "                                   \
        "FROM release_environment_state s JOIN releases r ON r.id = s.release_id "                 \
        "LEFT JOIN users u ON u.id = s.deployed_by "
#define HISTORY_COLUMNS                                                                            \
        "sequence, environment_id, release_id, release_name, status, at, by, promotion_id, "       \
        "evidence_ref, reason FROM environment_history "
/* What the index does not decide is looked at row by row, of those it gives. */
#define SEARCH_FILTER                                                                              \
        "(:status IS NULL OR r.status = :status) AND "                                             \
        "(:text IS NULL OR instr(lower(r.name), lower(:text)) > 0 OR "                             \
        "instr(lower(r.display_name), lower(:text)) > 0) AND "                                     \
        "(:label IS NULL OR EXISTS (SELECT /*scan: one release's labels*/ 1 FROM "                 \
        "json_each(r.metadata) l WHERE l.key = :label AND (:value IS NULL OR l.value = :value))) " \
        "AND (:version IS NULL OR EXISTS (SELECT 1 FROM release_components v WHERE "               \
        "v.release_id = r.id AND v.semver = :version)) AND "                                       \
        "(:component IS NULL OR EXISTS (SELECT 1 FROM release_components v WHERE "                 \
        "v.release_id = r.id AND v.component_id = :component)) AND "                               \
        "(:since IS NULL OR r.created_at >= :since) AND (:until IS NULL OR r.created_at < :until) "
#define SEARCH_PAGE                                                                                \
        "ORDER BY r.created_at DESC, r.name DESC LIMIT :limit OFFSET :offset /*sort: what the "    \
        "index gives*/"
#define SEARCH_ALL(way)                                                                            \
        "SELECT " RELEASE_COLUMNS "FROM (SELECT rowid AS n FROM releases WHERE tenant_id = "       \
        ":tenant ORDER BY created_at " way ", name " way " LIMIT :limit OFFSET :offset) p "        \
        "CROSS JOIN releases r ON r.rowid = p.n JOIN tenants t ON t.id = r.tenant_id "             \
        "LEFT JOIN users u ON u.id = r.created_by ORDER BY r.created_at DESC, r.name DESC "        \
        "/*scan: of the page, sort: of it*/"
#define PUT_NAMED(table)                                                                           \
        "INSERT INTO " table " (id, tenant_id, name, display_name, document, spec_digest, "        \
        "declared_file, declared_line, created_at, updated_at) VALUES (:id, :tenant, :name, "      \
        ":display, :document, :digest, :file, :line, :at, :at) "                                   \
        "ON CONFLICT (id) DO UPDATE SET " PUT_OBJECT
#define AUDIT_COLUMNS                                                                              \
        "a.sequence, a.at, t.name, a.principal, a.origin, a.action, a.kind, a.object_id, "         \
        "a.object_name, a.result_id, a.idempotency_key, a.request_digest "                         \
        "FROM audit a CROSS JOIN tenants t ON t.id = a.tenant_id "
#define VERSION_COLUMNS                                                                            \
        "id, tag, digest, semver, channel, prerelease, build_metadata, sort_key, specificity, "    \
        "resolved_at, source, vanished "
#define TAG_COLUMNS                                                                                \
        "tag, digest, problem, first_seen_at, changed_at, checked_at, pushed_at, missing "
#define TIMES_OF(table) "SELECT created_at, updated_at FROM " table " WHERE id = :id"
/* Objects of a page, in the order of their ids. */
#define PAGE          "json_each(:ids) p CROSS JOIN "
#define IN_PAGE_ORDER "ORDER BY p.key /*sort: of the page*/"
#define PAGE_TIMES_OF(table)                                                                       \
        "SELECT /*scan: of the page*/ o.id, o.created_at, o.updated_at FROM " PAGE table           \
        " o ON o.id = p.value " IN_PAGE_ORDER
#define NEWEST_FIRST " ORDER BY sort_key DESC, specificity DESC, tag DESC LIMIT :limit"
#define LIVE         "('ready', 'promoting', 'deployed', 'deprecated')"
#define PUT_OBJECT                                                                                 \
        "display_name = excluded.display_name, document = excluded.document, "                     \
        "spec_digest = excluded.spec_digest, declared_file = excluded.declared_file, "             \
        "declared_line = excluded.declared_line, updated_at = excluded.updated_at"
#define STALLED(kind)                                                                              \
        "EXISTS (SELECT 1 FROM conditions c WHERE c.kind = '" kind                                 \
        "' AND c.object_id = o.id AND c.type = 'Stalled' AND c.status = 'True')"
#define IN_USE                                                                                     \
        "EXISTS (SELECT 1 FROM release_environment_state s WHERE s.release_id = o.id OR "          \
        "s.deployed_release_id = o.id)"
/* Every object is wanted here, so a scan is right. */
#define OBJECTS(rank, table, kind, status)                                                         \
        "SELECT /*scan*/ " rank ", o.id, t.name AS tenant, o.name, o.spec_digest, o.managed_by, "  \
        "o.declared_file, o.declared_line, " status                                                \
        ", " STALLED(kind) " FROM " table " o JOIN tenants t ON t.id = o.tenant_id "

static const char *const texts[STMT_MAX_] = {
        [STMT_BEGIN] = "BEGIN IMMEDIATE",
        [STMT_COMMIT] = "COMMIT",
        [STMT_ROLLBACK] = "ROLLBACK",

        [STMT_PUT_TENANT] = "INSERT INTO tenants (id, name, created_at) VALUES (:id, :name, :at) "
                            "ON CONFLICT (id) DO NOTHING",
        [STMT_PUT_USER] =
                "INSERT INTO users (id, tenant_id, name, created_at) VALUES (:id, :tenant, "
                ":name, :at) ON CONFLICT (id) DO NOTHING",
        [STMT_PUT_STREAM] = PUT_NAMED("streams"),
        [STMT_PUT_ENVIRONMENT] = PUT_NAMED("environments"),
        [STMT_DELETE_STREAM] = "DELETE FROM streams WHERE id = :id",
        [STMT_DELETE_ENVIRONMENT] = "DELETE FROM environments WHERE id = :id",
        [STMT_DECLARE_STREAM] =
                "UPDATE streams SET declared_file = :file, declared_line = :line WHERE id = :id",
        [STMT_DECLARE_ENVIRONMENT] =
                "UPDATE environments SET declared_file = :file, declared_line = :line WHERE id = :id",
        [STMT_PUT_DEPLOYMENT] =
                "INSERT INTO release_environment_state (id, tenant_id, environment_id, release_id, status, "
                "deployed_at, deployed_by, promotion_id, evidence_ref, deployed_release_id) "
                "SELECT :id, e.tenant_id, e.id, :release, :status, :at, :by, :promotion, :evidence, "
                ":deployed FROM environments e WHERE e.id = :environment "
                "ON CONFLICT (tenant_id, environment_id) DO UPDATE SET release_id = excluded.release_id, "
                "status = excluded.status, deployed_at = excluded.deployed_at, "
                "deployed_by = excluded.deployed_by, promotion_id = excluded.promotion_id, "
                "evidence_ref = excluded.evidence_ref, "
                "deployed_release_id = excluded.deployed_release_id",
        [STMT_ADD_HISTORY] =
                "INSERT INTO environment_history (environment_id, release_id, release_name, status, at, "
                "by, promotion_id, evidence_ref, reason) VALUES (:environment, :release, :name, :status, "
                ":at, :by, :promotion, :evidence, :reason)",
        [STMT_DELETE_DEPLOYMENT] =
                "DELETE FROM release_environment_state WHERE environment_id = :environment",
        [STMT_PUT_HOLD] =
                "INSERT INTO environment_holds (environment_id, release_id, since, by, reason) VALUES "
                "(:environment, :release, :since, :by, :reason) ON CONFLICT (environment_id) DO UPDATE "
                "SET release_id = excluded.release_id, since = excluded.since, by = excluded.by, "
                "reason = excluded.reason",
        [STMT_DELETE_HOLD] = "DELETE FROM environment_holds WHERE environment_id = :environment",
        [STMT_PUT_OUTPUT_RUN] =
                "INSERT INTO output_runs (environment_id, output, lock_digest, at) VALUES "
                "(:environment, :output, :digest, :at) ON CONFLICT (environment_id, output) DO UPDATE "
                "SET lock_digest = excluded.lock_digest, at = excluded.at",
        [STMT_ADD_APPROVAL] = "INSERT INTO approvals (environment_id, release_id, by, person, at) "
                              "VALUES (:environment, :release, :by, :person, :at) "
                              "ON CONFLICT DO NOTHING",
        [STMT_PUT_INTEGRATION] =
                "INSERT INTO integrations (id, tenant_id, name, display_name, type, url, document, "
                "spec_digest, declared_file, declared_line, created_at, updated_at) VALUES (:id, "
                ":tenant, :name, :display, :type, :url, :document, :digest, :file, :line, :at, :at) "
                "ON CONFLICT (id) DO UPDATE SET type = excluded.type, url = excluded.url, " PUT_OBJECT,
        [STMT_PUT_COMPONENT] =
                "INSERT INTO components (id, tenant_id, name, display_name, image_repository, "
                "registry_integration_id, versioning_strategy, deployment_template, default_channel, "
                "metadata, document, spec_digest, managed_by, declared_file, declared_line, created_at, "
                "updated_at) VALUES (:id, :tenant, :name, :display, :repository, :registry, :strategy, "
                ":template, :channel, :metadata, :document, :digest, :managed, :file, :line, :at, :at) "
                "ON CONFLICT (id) DO UPDATE SET image_repository = excluded.image_repository, "
                "registry_integration_id = excluded.registry_integration_id, "
                "versioning_strategy = excluded.versioning_strategy, "
                "deployment_template = excluded.deployment_template, "
                "default_channel = excluded.default_channel, metadata = excluded.metadata, " PUT_OBJECT,
        [STMT_PUT_RELEASE] =
                "INSERT INTO releases (id, tenant_id, name, display_name, components, source_ref, status, "
                "metadata, document, spec_digest, declared_file, declared_line, created_at, updated_at, "
                "managed_by, stream_id, sequence, created_by, seal) "
                "VALUES (:id, :tenant, :name, :display, :components, :source, :status, :metadata, :document, "
                ":digest, :file, :line, :created, :at, :managed, :stream, :sequence, :by, :seal) "
                "ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, seal = excluded.seal, "
                "components = excluded.components, source_ref = excluded.source_ref, "
                "status = excluded.status, metadata = excluded.metadata, created_at = excluded.created_at, "
                "document = COALESCE(excluded.document, document), spec_digest = excluded.spec_digest, "
                "declared_file = COALESCE(excluded.declared_file, declared_file), "
                "declared_line = MAX(excluded.declared_line, declared_line), "
                "updated_at = excluded.updated_at",
        [STMT_PUT_RELEASE_COMPONENT] =
                "INSERT INTO release_components (release_id, component_id, digest, tag, semver) "
                "VALUES (:release, :component, :digest, :tag, :semver)",
        [STMT_DELETE_RELEASE_COMPONENTS] =
                "DELETE FROM release_components WHERE release_id = :release",
        [STMT_DELETE_INTEGRATION] = "DELETE FROM integrations WHERE id = :id",
        [STMT_DELETE_COMPONENT] = "DELETE FROM components WHERE id = :id",
        [STMT_DELETE_RELEASE] = "DELETE FROM releases WHERE id = :id",
        [STMT_DELETE_CONDITIONS] = "DELETE FROM conditions WHERE kind = :kind AND object_id = :id",
        [STMT_DECLARE_INTEGRATION] =
                "UPDATE integrations SET declared_file = :file, declared_line = :line WHERE id = :id",
        [STMT_DECLARE_COMPONENT] =
                "UPDATE components SET declared_file = :file, declared_line = :line WHERE id = :id",
        [STMT_DECLARE_RELEASE] =
                "UPDATE releases SET declared_file = :file, declared_line = :line WHERE id = :id",
        [STMT_SET_STATUS] = "UPDATE releases SET status = :status, updated_at = :at WHERE id = :id",

        [STMT_PUT_TAG] =
                "INSERT INTO tags (component_id, tag, digest, problem, first_seen_at, changed_at, "
                "checked_at, pushed_at, missing) VALUES (:component, :tag, :digest, :problem, :first, "
                ":changed, :checked, :pushed, :missing) ON CONFLICT (component_id, tag) DO UPDATE SET "
                "digest = excluded.digest, problem = excluded.problem, "
                "changed_at = excluded.changed_at, checked_at = excluded.checked_at, "
                "pushed_at = excluded.pushed_at, missing = excluded.missing",
        [STMT_PUT_TAG_HISTORY] =
                "INSERT INTO tag_history (component_id, tag, seen_at, digest) VALUES "
                "(:component, :tag, :at, :digest) ON CONFLICT DO NOTHING",
        [STMT_PUT_VERSION] =
                "INSERT INTO version_maps (id, tenant_id, component_id, tag, digest, semver, channel, "
                "prerelease, build_metadata, sort_key, specificity, vanished, resolved_at, source) VALUES "
                "(:id, (SELECT tenant_id FROM components WHERE id = :component), :component, :tag, :digest, "
                ":semver, :channel, :prerelease, :build, :key, :specificity, :vanished, :resolved, :source) "
                "ON CONFLICT (id) DO UPDATE SET tag = excluded.tag, semver = excluded.semver, "
                "channel = excluded.channel, prerelease = excluded.prerelease, "
                "build_metadata = excluded.build_metadata, sort_key = excluded.sort_key, "
                "specificity = excluded.specificity, vanished = excluded.vanished, "
                "resolved_at = excluded.resolved_at, source = excluded.source",
        [STMT_DELETE_VERSION] =
                "DELETE FROM version_maps WHERE component_id = :component AND digest = :digest",
        [STMT_PUT_CHANNEL] =
                "INSERT INTO channels (component_id, name, tag, digest, semver, sort_key, "
                "specificity, moved_at) VALUES (:component, :name, :tag, :digest, :semver, :key, "
                ":specificity, :at) ON CONFLICT (component_id, name) DO UPDATE SET "
                "tag = excluded.tag, digest = excluded.digest, semver = excluded.semver, "
                "sort_key = excluded.sort_key, specificity = excluded.specificity, "
                "moved_at = excluded.moved_at",
        [STMT_DELETE_CHANNEL] =
                "DELETE FROM channels WHERE component_id = :component AND name = :name",
        [STMT_PUT_SYNC] =
                "INSERT INTO component_syncs (component_id, list_digest, list_etag, rules_digest, n_tags, "
                "n_missing, held_since, synced_at) VALUES (:component, :list, :etag, :rules, :tags, "
                ":missing, :held, :at) "
                "ON CONFLICT (component_id) DO UPDATE SET list_digest = excluded.list_digest, "
                "list_etag = excluded.list_etag, "
                "rules_digest = excluded.rules_digest, n_tags = excluded.n_tags, "
                "n_missing = excluded.n_missing, held_since = excluded.held_since, "
                "synced_at = excluded.synced_at",
        [STMT_PUT_MANIFEST] =
                "INSERT INTO manifests (component_id, digest, media_type, size, platforms, created, "
                "fetched_at) VALUES (:component, :digest, :type, :size, :platforms, :created, :at) "
                "ON CONFLICT (component_id, digest) DO UPDATE SET created = excluded.created "
                "WHERE excluded.created >= 0",

        [STMT_PUT_DRIFT] =
                "INSERT INTO drift (component_id, tag, released_digest, digest, since) VALUES "
                "(:component, :tag, :released, :digest, :at) ON CONFLICT DO NOTHING",
        [STMT_DELETE_DRIFT] =
                "DELETE FROM drift WHERE component_id = :component AND tag = :tag AND "
                "released_digest = :released AND digest = :digest",
        [STMT_PUT_ASSIGNMENT] =
                "INSERT INTO assignments (component_id, digest, tag, semver, channel, by, at) VALUES "
                "(:component, :digest, :tag, :semver, :channel, :by, :at) "
                "ON CONFLICT (component_id, digest) DO UPDATE SET tag = excluded.tag, "
                "semver = excluded.semver, channel = excluded.channel, by = excluded.by, at = excluded.at",
        [STMT_DELETE_ASSIGNMENT] =
                "DELETE FROM assignments WHERE component_id = :component AND digest = :digest",
        [STMT_ASSIGNMENTS] = "SELECT digest, tag, semver, channel, by, at FROM assignments "
                             "WHERE component_id = :component ORDER BY digest",

        /* equal: nothing is written; same status: it keeps its since */
        [STMT_SET_CONDITION] =
                "INSERT INTO conditions (kind, object_id, type, status, reason, message, since) "
                "VALUES (:kind, :id, :type, :status, :reason, :message, :since) "
                "ON CONFLICT (kind, object_id, type) DO UPDATE SET "
                "since = CASE WHEN status = excluded.status THEN since ELSE excluded.since END, "
                "status = excluded.status, reason = excluded.reason, message = excluded.message "
                "WHERE status <> excluded.status OR reason <> excluded.reason OR message <> excluded.message",
        [STMT_CLEAR_CONDITION] =
                "DELETE FROM conditions WHERE kind = :kind AND object_id = :id AND type = :type",
        [STMT_ADD_EVENT] =
                "INSERT INTO events (id, tenant_id, type, kind, object_id, object_name, data, at) "
                "VALUES (:id, :tenant, :type, :kind, :object, :name, :data, :at)",

        [STMT_ADD_AUDIT] =
                "INSERT INTO audit (at, tenant_id, principal, origin, action, kind, object_id, "
                "object_name, result_id, idempotency_key, request_digest) VALUES (:at, :tenant, :principal, "
                ":origin, :action, :kind, :object, :name, :result, :key, :digest)",
        [STMT_AUDIT] =
                "SELECT " AUDIT_COLUMNS "WHERE a.sequence > :after AND a.tenant_id = :tenant "
                "ORDER BY a.sequence LIMIT :limit",
        [STMT_AUDIT_BY_KEY] = "SELECT " AUDIT_COLUMNS
                              "WHERE a.tenant_id = :tenant AND a.principal = :principal AND "
                              "a.idempotency_key = :key",

        /* clang-format off */
        [STMT_TENANT] = "SELECT 1 FROM tenants WHERE name = :name",
        [STMT_TENANTS] =
                "SELECT /*scan: one row a tenant*/ name, created_at FROM tenants ORDER BY name",
        [STMT_TIMES_INTEGRATION] = TIMES_OF("integrations"),
        [STMT_TIMES_COMPONENT] = TIMES_OF("components"),
        [STMT_TIMES_STREAM] = TIMES_OF("streams"),
        [STMT_TIMES_ENVIRONMENT] = TIMES_OF("environments"),
        [STMT_PAGE_TIMES_INTEGRATION] = PAGE_TIMES_OF("integrations"),
        [STMT_PAGE_TIMES_COMPONENT] = PAGE_TIMES_OF("components"),
        [STMT_PAGE_TIMES_STREAM] = PAGE_TIMES_OF("streams"),
        [STMT_PAGE_TIMES_ENVIRONMENT] = PAGE_TIMES_OF("environments"),
        [STMT_PAGE_CHANNELS] =
                "SELECT /*scan: of the page*/ c.component_id, c.name, c.tag, c.digest, c.semver, c.sort_key, "
                "c.specificity, c.moved_at FROM " PAGE "channels c ON c.component_id = p.value "
                "ORDER BY p.key, c.name /*sort: of the page*/",
        [STMT_PAGE_CONDITIONS] =
                "SELECT /*scan: of the page*/ c.object_id, c.type, c.status, c.reason, c.message, c.since "
                "FROM " PAGE "conditions c ON c.kind = :kind AND c.object_id = p.value "
                "ORDER BY p.key, c.type /*sort: of the page*/",
        [STMT_PAGE_DEPLOYMENTS] =
                "SELECT /*scan: of the page*/ s.environment_id, s.release_id, r.name, s.status, s.deployed_at, "
                "u.name, s.promotion_id, s.evidence_ref, s.deployed_release_id FROM " PAGE
                "release_environment_state s ON s.environment_id = p.value JOIN releases r ON r.id = s.release_id "
                "LEFT JOIN users u ON u.id = s.deployed_by " IN_PAGE_ORDER,
        [STMT_PAGE_HOLDS] =
                "SELECT /*scan: of the page*/ h.environment_id, h.release_id, h.since, h.by, h.reason FROM " PAGE
                "environment_holds h ON h.environment_id = p.value " IN_PAGE_ORDER,
        [STMT_OBJECTS] =
                OBJECTS("0", "integrations", "Registry", "'draft', 0") "UNION ALL "
                OBJECTS("1", "components", "Component", "'draft', 0") "UNION ALL "
                OBJECTS("2", "releases", "Release", "o.status, " IN_USE) "UNION ALL "
                OBJECTS("3", "streams", "ReleaseStream", "'draft', 0") "UNION ALL "
                OBJECTS("4", "environments", "Environment", "'draft', 0"),
        /* clang-format on */
        [STMT_DOCUMENT_INTEGRATION] = "SELECT document FROM integrations WHERE id = :id",
        [STMT_DOCUMENT_COMPONENT] = "SELECT document FROM components WHERE id = :id",
        [STMT_DOCUMENT_RELEASE] = "SELECT document FROM releases WHERE id = :id",
        [STMT_SYNC_STATE] =
                "SELECT list_digest, list_etag, rules_digest, n_tags, n_missing, held_since, synced_at "
                "FROM component_syncs WHERE component_id = :component",
        [STMT_TAGS] =
                "SELECT " TAG_COLUMNS "FROM tags WHERE component_id = :component ORDER BY tag",
        [STMT_TAGS_AFTER] = "SELECT " TAG_COLUMNS "FROM tags WHERE component_id = :component AND "
                            "tag > :after ORDER BY tag LIMIT :limit",
        [STMT_TAG] =
                "SELECT " TAG_COLUMNS "FROM tags WHERE component_id = :component AND tag = :tag",
        [STMT_DUE_TAGS] =
                "SELECT tag FROM tags WHERE component_id = :component AND checked_at < :before AND "
                "digest IS NOT NULL AND missing = 0 ORDER BY checked_at LIMIT :limit",
        [STMT_DRIFT] = "SELECT tag, released_digest, digest, since FROM drift "
                       "WHERE component_id = :component",
        [STMT_DRIFT_COUNTS] = "SELECT /*scan: few rows*/ component_id, count(*) FROM drift "
                              "GROUP BY component_id",
        [STMT_TAG_HISTORY] =
                "SELECT tag, digest, seen_at FROM tag_history WHERE component_id = :component AND "
                "tag = :tag ORDER BY seen_at DESC",
        [STMT_CHANNELS] =
                "SELECT name, tag, digest, semver, sort_key, specificity, moved_at FROM channels "
                "WHERE component_id = :component ORDER BY name",
        [STMT_VERSIONS] = "SELECT " VERSION_COLUMNS
                          "FROM version_maps WHERE component_id = :component" NEWEST_FIRST,
        [STMT_VERSIONS_AFTER] = "SELECT " VERSION_COLUMNS ", rowid FROM version_maps "
                                "WHERE component_id = :component AND (tag, rowid) > (:after, :row) "
                                "ORDER BY tag, rowid LIMIT :limit",
        [STMT_VERSIONS_CHANNEL] = "SELECT " VERSION_COLUMNS
                                  "FROM version_maps WHERE component_id = :component AND channel = "
                                  ":channel" NEWEST_FIRST,
        /* one row at most, so its sort is no sort */
        [STMT_VERSIONS_DIGEST] =
                "SELECT " VERSION_COLUMNS
                "FROM version_maps WHERE component_id = :component AND digest = :digest LIMIT :limit",
        [STMT_VERSIONS_TAG] =
                "SELECT " VERSION_COLUMNS
                "FROM version_maps WHERE component_id = :component AND tag = :tag LIMIT :limit",
        [STMT_VERSION_BY_ID] =
                "SELECT " VERSION_COLUMNS ", component_id FROM version_maps WHERE id = :id",
        [STMT_MANIFEST] = "SELECT digest, media_type, size, platforms, created FROM manifests "
                          "WHERE component_id = :component AND digest = :digest",
        [STMT_MANIFESTS] = "SELECT digest, media_type, size, platforms, created FROM manifests "
                           "WHERE component_id = :component",
        [STMT_USED_DIGESTS] =
                "SELECT DISTINCT digest FROM release_components WHERE component_id = :component "
                "/*sort: few rows*/",
        [STMT_LIVE_TAGS] =
                "SELECT DISTINCT rc.tag, rc.digest FROM release_components rc JOIN releases r ON "
                "r.id = rc.release_id WHERE rc.component_id = :component AND "
                "r.status IN " LIVE " /*sort: few rows*/",
        [STMT_RELEASE] = "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.id = :id",
        [STMT_LIVE_RELEASES] = "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.status IN " LIVE,
        [STMT_RELEASES_WITH_DIGEST] =
                "SELECT " RELEASE_COLUMNS
                "FROM release_components rc JOIN releases r ON r.id = rc.release_id "
                "JOIN tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by "
                "WHERE rc.digest = :digest AND t.name = :tenant AND "
                "r.status IN " LIVE,
        [STMT_RELEASES_OF_COMPONENT] =
                "SELECT " RELEASE_COLUMNS
                "FROM release_components rc JOIN releases r ON r.id = rc.release_id "
                "JOIN tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by "
                "WHERE rc.component_id = :component ORDER BY r.created_at DESC, r.name DESC "
                "LIMIT :limit OFFSET :offset /*sort: of one component's releases*/",
        [STMT_RELEASE_BY_NAME] = "SELECT " RELEASE_COLUMNS FROM_RELEASES
                                 "WHERE r.tenant_id = :tenant AND r.name = :name",
        /* the page is found by the index alone, before any row is read, and from the nearer end */
        [STMT_SEARCH_ALL] = SEARCH_ALL("DESC"),
        [STMT_SEARCH_ALL_BACK] = SEARCH_ALL("ASC"),
        [STMT_SEARCH_ALL_COUNT] =
                "SELECT coalesce(sum(n), 0) FROM release_counts WHERE tenant_id = :tenant",
        [STMT_SEARCH] = "SELECT " RELEASE_COLUMNS FROM_RELEASES
                        "WHERE r.tenant_id = :tenant AND " SEARCH_FILTER SEARCH_PAGE,
        [STMT_SEARCH_COUNT] =
                "SELECT count(*) FROM releases r WHERE r.tenant_id = :tenant AND " SEARCH_FILTER,
        [STMT_SEARCH_STATUS] =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES
                "WHERE +r.tenant_id = :tenant AND r.status = :status AND " SEARCH_FILTER
                        SEARCH_PAGE,
        [STMT_SEARCH_STATUS_COUNT] = "SELECT count(*) FROM releases r WHERE +r.tenant_id = :tenant "
                                     "AND r.status = :status AND " SEARCH_FILTER,
        /* +: by the component's or digest's own releases, not by all of the tenant's */
        [STMT_SEARCH_COMPONENT] =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES
                "WHERE r.id IN (SELECT release_id FROM release_components WHERE "
                "component_id = :component) AND +r.tenant_id = :tenant AND " SEARCH_FILTER
                        SEARCH_PAGE,
        [STMT_SEARCH_COMPONENT_COUNT] =
                "SELECT count(*) FROM releases r WHERE r.id IN (SELECT release_id FROM "
                "release_components WHERE component_id = :component) AND +r.tenant_id = :tenant AND " SEARCH_FILTER,
        [STMT_SEARCH_DIGEST] =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES
                "WHERE r.id IN (SELECT release_id FROM release_components WHERE "
                "digest = :digest) AND +r.tenant_id = :tenant AND " SEARCH_FILTER SEARCH_PAGE,
        [STMT_SEARCH_DIGEST_COUNT] =
                "SELECT count(*) FROM releases r WHERE r.id IN (SELECT release_id FROM "
                "release_components WHERE digest = :digest) AND +r.tenant_id = :tenant AND " SEARCH_FILTER,
        [STMT_RELEASE_COUNTS] =
                "SELECT /*scan: six rows a tenant*/ status, sum(n) FROM release_counts "
                "GROUP BY status /*sort: likewise*/",
        [STMT_RELEASE_USE] =
                "SELECT r.id, t.name, r.name, r.status, (SELECT count(*) FROM release_environment_state s "
                "WHERE s.release_id = r.id AND s.status = 'promoting'), (SELECT count(*) FROM "
                "release_environment_state s WHERE s.deployed_release_id = r.id) "
                "FROM releases r JOIN tenants t ON t.id = r.tenant_id "
                "WHERE r.status IN ('promoting', 'deployed')",
        [STMT_STREAM_NEWEST] = "SELECT " RELEASE_COLUMNS FROM_RELEASES
                               "WHERE r.stream_id = :stream ORDER BY r.sequence DESC LIMIT 1",
        [STMT_STREAM_CANDIDATES] =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES
                "WHERE r.stream_id = :stream AND r.status IN ('ready', 'promoting', 'deployed') "
                "ORDER BY r.sequence DESC LIMIT 1",
        /* what an environment has or is getting, and what was never confirmed gone, stays */
        [STMT_STREAM_OLD] =
                "SELECT r.id, r.name FROM releases r WHERE r.stream_id = :stream AND r.status IN "
                "('ready', 'deprecated') AND r.sequence <= (SELECT sequence FROM releases WHERE "
                "stream_id = :stream ORDER BY sequence DESC LIMIT 1 OFFSET :keep) AND NOT EXISTS "
                "(SELECT 1 FROM release_environment_state s WHERE s.release_id = r.id) AND NOT EXISTS "
                "(SELECT 1 FROM release_environment_state s WHERE s.deployed_release_id = r.id) "
                "ORDER BY r.sequence",
        [STMT_DEPLOYMENT] = "SELECT " DEPLOYMENT_COLUMNS "WHERE s.environment_id = :environment",
        [STMT_DEPLOYMENTS] = "SELECT /*scan: one row an environment*/ " DEPLOYMENT_COLUMNS,
        [STMT_DEPLOYMENTS_OF] = "SELECT " DEPLOYMENT_COLUMNS
                                "WHERE s.release_id = :release OR s.deployed_release_id = :release",
        [STMT_HISTORY] = "SELECT " HISTORY_COLUMNS
                         "WHERE environment_id = :environment ORDER BY sequence DESC "
                         "LIMIT :limit OFFSET :offset",
        [STMT_HISTORY_AT] =
                "SELECT " HISTORY_COLUMNS
                "WHERE environment_id = :environment AND status = 'deployed' AND at <= :at "
                "ORDER BY sequence DESC LIMIT 1",
        [STMT_HISTORY_OF_RELEASE] =
                "SELECT " HISTORY_COLUMNS "WHERE release_id = :release ORDER BY sequence",
        [STMT_WAS_DEPLOYED] = "SELECT 1 FROM environment_history WHERE release_id = :release AND "
                              "environment_id = :environment AND status = 'deployed' LIMIT 1",
        [STMT_FAILURE] = "SELECT status, coalesce(reason, 'no reason was given') "
                         "FROM environment_history WHERE release_id = :release AND "
                         "environment_id = :environment ORDER BY sequence DESC LIMIT 1",
        [STMT_HOLD] = "SELECT environment_id, release_id, since, by, reason FROM environment_holds "
                      "WHERE environment_id = :environment",
        [STMT_OUTPUT_RUN] = "SELECT lock_digest FROM output_runs WHERE environment_id = "
                            ":environment AND output = :output",
        [STMT_APPROVALS] =
                "SELECT environment_id, release_id, by, person, at FROM approvals "
                "WHERE environment_id = :environment AND release_id = :release ORDER BY by",
        [STMT_ENVIRONMENT_APPROVALS] =
                "SELECT environment_id, release_id, by, person, at FROM approvals "
                "WHERE environment_id = :environment ORDER BY at DESC, person "
                "LIMIT :limit /*sort: those of one environment*/",
        [STMT_DOCUMENT_STREAM] = "SELECT document FROM streams WHERE id = :id",
        [STMT_DOCUMENT_ENVIRONMENT] = "SELECT document FROM environments WHERE id = :id",
        [STMT_CONDITIONS] = "SELECT type, status, reason, message, since FROM conditions "
                            "WHERE kind = :kind AND object_id = :id ORDER BY type",
        [STMT_EVENTS] =
                "SELECT e.sequence, e.id, e.type, COALESCE(t.name, ''), e.kind, e.object_id, "
                "e.object_name, e.data, e.at FROM events e LEFT JOIN tenants t ON t.id = e.tenant_id "
                "WHERE e.sequence > :after ORDER BY e.sequence LIMIT :limit",
        /* what waits for its age, what people have deprecated, and an environment that nobody has
         * used yet are as they should be */
        [STMT_TROUBLES] =
                "SELECT /*scan: asked for by people*/ kind, object_id, type, status, reason, message, "
                "since FROM conditions WHERE ((type = 'Ready' AND status = 'False') OR (type <> 'Ready' "
                "AND status = 'True')) AND (type <> 'Held' OR reason = 'DeploymentFailed') AND reason NOT IN ('Deprecated', 'Empty') "
                "ORDER BY since DESC LIMIT :limit /*sort: likewise*/",
        [STMT_LAST_EVENT] = "SELECT COALESCE(MAX(sequence), 0) FROM events",
        [STMT_PUT_RECEIVER] =
                "INSERT INTO event_receivers (name, position, delivered_at, failing_since, problem) "
                "VALUES (:name, :position, :delivered, :failing, :problem) ON CONFLICT (name) DO UPDATE "
                "SET position = excluded.position, delivered_at = excluded.delivered_at, "
                "failing_since = excluded.failing_since, problem = excluded.problem",
        [STMT_FORGET_DEAD_LETTERS] =
                "DELETE FROM dead_letters WHERE receiver = :name AND sequence > :position",
        [STMT_ADD_DEAD_LETTER] =
                "INSERT INTO dead_letters (receiver, sequence, problem, at) VALUES (:name, :sequence, "
                ":problem, :at) ON CONFLICT DO NOTHING",
        [STMT_PRUNE_EVENTS] =
                "DELETE FROM events WHERE sequence <= (SELECT MAX(sequence) FROM (SELECT sequence, at "
                "FROM events WHERE sequence <= :sequence ORDER BY sequence LIMIT 1000) WHERE at < "
                ":before)",
        [STMT_RECEIVER] =
                "SELECT name, position, delivered_at, failing_since, problem, (SELECT COUNT(*) FROM "
                "dead_letters d WHERE d.receiver = r.name), (SELECT COALESCE(MAX(sequence), 0) FROM "
                "events) - position FROM event_receivers r WHERE name = :name",
        [STMT_DEAD_LETTERS] =
                "SELECT receiver, sequence, problem, at FROM dead_letters WHERE receiver = :name "
                "ORDER BY sequence LIMIT :limit",
        [STMT_EVENT_BY_ID] = "SELECT sequence FROM events WHERE id = :id",
        [STMT_TENANT_EVENTS] =
                "SELECT e.sequence, e.id, e.type, t.name, e.kind, e.object_id, e.object_name, e.data, "
                "e.at FROM events e CROSS JOIN tenants t ON t.id = e.tenant_id "
                "WHERE e.sequence > :after AND e.tenant_id = :tenant ORDER BY e.sequence LIMIT :limit",
        [STMT_PROBE] = "SELECT /*scan: of one row*/ 1 FROM sqlite_schema LIMIT 1",
};

const char *stmt_sql(StmtId id)
{
        return texts[id];
}
