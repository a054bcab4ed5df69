/* SQL: tenants and users; registries (integrations), components, streams, environments and
 * calendars, groups; conditions. */

#include "store/sql/sql.h"

/* more_columns, more_values: columns that are set only when the row is inserted. */
#define PUT_NAMED(table, more_columns, more_values)                                                \
        "INSERT INTO " table " (id, tenant_id, name, display_name, document, spec_digest, "        \
        "declared_file, declared_line, created_at, updated_at" more_columns ") VALUES (:id, "      \
        ":tenant, :name, :display, :document, :digest, :file, :line, :at, :at" more_values ") "    \
        "ON CONFLICT (id) DO UPDATE SET " PUT_OBJECT
#define TIMES_OF(table) "SELECT created_at, updated_at FROM " table " WHERE id = :id"
#define PAGE_TIMES_OF(source)                                                                      \
        "SELECT /*scan: of the page*/ o.id, o.created_at, o.updated_at FROM " PAGE source          \
        " ON o.id = p.value"
#define PAGE_DOCUMENTS_OF(source)                                                                  \
        "SELECT /*scan: of the page*/ o.id, o.document FROM " PAGE source " o ON o.id = p.value"
#define PUT_OBJECT                                                                                 \
        "display_name = excluded.display_name, document = excluded.document, "                     \
        "spec_digest = excluded.spec_digest, declared_file = excluded.declared_file, "             \
        "declared_line = excluded.declared_line, updated_at = excluded.updated_at"
/* The reason of condition Stalled; NULL if the object is not stalled. */
#define STALLED(kind)                                                                              \
        "(SELECT c.reason FROM conditions c WHERE c.kind = '" kind                                 \
        "' AND c.object_id = o.id AND c.type = 'Stalled' AND c.status = 'True')"
#define IN_USE                                                                                     \
        "EXISTS (SELECT 1 FROM release_environment_state s WHERE s.release_id = o.id OR "          \
        "s.deployed_release_id = o.id)"
/* True if the object of condition c belongs to the tenant, or if the tenant is ''. */
#define TENANT_OF(kind, table)                                                                     \
        " WHEN '" kind "' THEN (SELECT tenant_id FROM " table " WHERE id = c.object_id)"
#define OF_TENANT                                                                                  \
        "(:tenant = '' OR :tenant = CASE c.kind" TENANT_OF("Release", "releases")                  \
                TENANT_OF("Component", "components") TENANT_OF("Environment", "environments")      \
                        TENANT_OF("ReleaseStream", "streams")                                      \
                                TENANT_OF("Registry", "integrations")                              \
                                        TENANT_OF("Calendar", "calendars")                         \
                                                TENANT_OF("Group", "person_groups") " END) "
/* These statements return all objects of a kind, page by page, so they may scan. */
#define OBJECTS(table, kind, status)                                                               \
        "SELECT /*scan*/ '" kind                                                                   \
        "', o.id, t.name AS tenant, o.name, o.spec_digest, o.managed_by, "                         \
        "o.declared_file, o.declared_line, " status                                                \
        ", " STALLED(kind) " FROM " table " o JOIN tenants t ON t.id = o.tenant_id "
#define OBJECTS_AFTER(table, kind, status)                                                         \
        OBJECTS(table, kind, status) "WHERE o.id > :after ORDER BY o.id LIMIT :limit"

/* clang-format off */
const StmtText sql_objects[STMT_MAX_] = {
        [STMT_PUT_TENANT] = { .shared =
                "INSERT INTO tenants (id, name, created_at) VALUES (:id, :name, :at) ON CONFLICT (id) DO NOTHING" },
        [STMT_TENANT] = { .shared = "SELECT 1 FROM tenants WHERE name = :name" },
        [STMT_TENANTS] = { .shared =
                "SELECT /*scan: one row a tenant*/ name, created_at FROM tenants ORDER BY name" },
        [STMT_PUT_USER] = { .shared =
                "INSERT INTO users (id, tenant_id, name, created_at) VALUES (:id, :tenant, :name, :at) ON CONFLICT "
                "(id) DO NOTHING" },

        [STMT_PUT_INTEGRATION] = { .shared =
                "INSERT INTO integrations (id, tenant_id, name, display_name, type, url, document, spec_digest, "
                "declared_file, declared_line, created_at, updated_at) VALUES (:id, :tenant, :name, :display, :type, "
                ":url, :document, :digest, :file, :line, :at, :at) ON CONFLICT (id) DO UPDATE SET type = "
                "excluded.type, url = excluded.url, " PUT_OBJECT },
        [STMT_DELETE_INTEGRATION] = { .shared = "DELETE FROM integrations WHERE id = :id" },
        [STMT_DECLARE_INTEGRATION] = { .shared =
                "UPDATE integrations SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_INTEGRATION] = { .shared = "SELECT document FROM integrations WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_INTEGRATION] = { .sqlite = PAGE_DOCUMENTS_OF("integrations") },
        [STMT_TIMES_INTEGRATION] = { .shared = TIMES_OF("integrations") },
        [STMT_PAGE_TIMES_INTEGRATION] = { .sqlite = PAGE_TIMES_OF("integrations o") },

        [STMT_PUT_COMPONENT] = { .shared =
                "INSERT INTO components (id, tenant_id, name, display_name, image_repository, "
                "registry_integration_id, versioning_strategy, deployment_template, default_channel, metadata, "
                "document, spec_digest, managed_by, declared_file, declared_line, created_at, updated_at) VALUES "
                "(:id, :tenant, :name, :display, :repository, :registry, :strategy, :template, :channel, :metadata, "
                ":document, :digest, :managed, :file, :line, :at, :at) ON CONFLICT (id) DO UPDATE SET "
                "image_repository = excluded.image_repository, registry_integration_id = "
                "excluded.registry_integration_id, versioning_strategy = excluded.versioning_strategy, "
                "deployment_template = excluded.deployment_template, default_channel = excluded.default_channel, "
                "metadata = excluded.metadata, " PUT_OBJECT },
        [STMT_DELETE_COMPONENT] = { .shared = "DELETE FROM components WHERE id = :id" },
        [STMT_DECLARE_COMPONENT] = { .shared =
                "UPDATE components SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_COMPONENT] = { .shared = "SELECT document FROM components WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_COMPONENT] = { .sqlite = PAGE_DOCUMENTS_OF("components") },
        [STMT_TIMES_COMPONENT] = { .shared = TIMES_OF("components") },
        [STMT_PAGE_TIMES_COMPONENT] = { .sqlite = PAGE_TIMES_OF("components o INDEXED BY idx_components_times") },

        [STMT_PUT_STREAM] = { .shared = PUT_NAMED("streams", "", "") },
        [STMT_DELETE_STREAM] = { .shared = "DELETE FROM streams WHERE id = :id" },
        [STMT_DECLARE_STREAM] = { .shared =
                "UPDATE streams SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_STREAM] = { .shared = "SELECT document FROM streams WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_STREAM] = { .sqlite = PAGE_DOCUMENTS_OF("streams") },
        [STMT_TIMES_STREAM] = { .shared = TIMES_OF("streams") },
        [STMT_PAGE_TIMES_STREAM] = { .sqlite = PAGE_TIMES_OF("streams o") },

        [STMT_PUT_ENVIRONMENT] = { .shared = PUT_NAMED("environments", ", history_after",
                ", (SELECT coalesce(max(h.sequence), 0) FROM environment_history h WHERE h.environment_id = :id)") },
        [STMT_DELETE_ENVIRONMENT] = { .shared = "DELETE FROM environments WHERE id = :id" },
        [STMT_DECLARE_ENVIRONMENT] = { .shared =
                "UPDATE environments SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_ENVIRONMENT] = { .shared = "SELECT document FROM environments WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_ENVIRONMENT] = { .sqlite = PAGE_DOCUMENTS_OF("environments") },
        [STMT_TIMES_ENVIRONMENT] = { .shared = TIMES_OF("environments") },
        [STMT_PAGE_TIMES_ENVIRONMENT] = { .sqlite = PAGE_TIMES_OF("environments o INDEXED BY idx_environments_times") },

        [STMT_PUT_CALENDAR] = { .shared = PUT_NAMED("calendars", "", "") },
        [STMT_DELETE_CALENDAR] = { .shared = "DELETE FROM calendars WHERE id = :id" },
        [STMT_DECLARE_CALENDAR] = { .shared =
                "UPDATE calendars SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_CALENDAR] = { .shared = "SELECT document FROM calendars WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_CALENDAR] = { .sqlite = PAGE_DOCUMENTS_OF("calendars") },
        [STMT_TIMES_CALENDAR] = { .shared = TIMES_OF("calendars") },
        [STMT_PAGE_TIMES_CALENDAR] = { .sqlite = PAGE_TIMES_OF("calendars o") },

        [STMT_PUT_GROUP] = { .shared = PUT_NAMED("person_groups", "", "") },
        [STMT_DELETE_GROUP] = { .shared = "DELETE FROM person_groups WHERE id = :id" },
        [STMT_DECLARE_GROUP] = { .shared =
                "UPDATE person_groups SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_DOCUMENT_GROUP] = { .shared = "SELECT document FROM person_groups WHERE id = :id" },
        [STMT_PAGE_DOCUMENTS_GROUP] = { .sqlite = PAGE_DOCUMENTS_OF("person_groups") },
        [STMT_TIMES_GROUP] = { .shared = TIMES_OF("person_groups") },
        [STMT_PAGE_TIMES_GROUP] = { .sqlite = PAGE_TIMES_OF("person_groups o") },

        [STMT_PAGE_DOCUMENTS_RELEASE] = { .sqlite = PAGE_DOCUMENTS_OF("releases") },
        [STMT_DRAFTS] = { .shared = OBJECTS("releases", "Release", "o.status, FALSE") "WHERE o.status = 'draft'" },
        /* a column for each ObjectKind, in its order: 1 if there is an object of the kind */
        [STMT_STORED_KINDS] = { .shared =
                "SELECT /*scan: one row of each table*/ EXISTS (SELECT 1 FROM integrations), EXISTS (SELECT 1 FROM "
                "components), EXISTS (SELECT 1 FROM releases), EXISTS (SELECT 1 FROM streams), EXISTS (SELECT 1 FROM "
                "environments), EXISTS (SELECT 1 FROM calendars), EXISTS (SELECT 1 FROM person_groups)" },
        [STMT_OBJECTS_AFTER_INTEGRATION] = { .shared = OBJECTS_AFTER("integrations", "Registry", "'draft', FALSE") },
        [STMT_OBJECTS_AFTER_COMPONENT] = { .shared = OBJECTS_AFTER("components", "Component", "'draft', FALSE") },
        [STMT_PAGE_COMPONENTS] = { .sqlite =
                "SELECT /*scan: of the page*/ 'Component', o.id, t.name, o.name, o.spec_digest, o.managed_by, "
                "o.declared_file, o.declared_line, 'draft', FALSE, " STALLED("Component") " FROM " PAGE "components o "
                "ON o.id = p.value CROSS JOIN tenants t ON t.id = o.tenant_id" },
        [STMT_OBJECTS_AFTER_RELEASE] = { .shared = OBJECTS_AFTER("releases", "Release", "o.status, " IN_USE) },
        [STMT_OBJECTS_AFTER_STREAM] = { .shared = OBJECTS_AFTER("streams", "ReleaseStream", "'draft', FALSE") },
        [STMT_OBJECTS_AFTER_ENVIRONMENT] = { .shared = OBJECTS_AFTER("environments", "Environment", "'draft', FALSE") },
        [STMT_OBJECTS_AFTER_CALENDAR] = { .shared = OBJECTS_AFTER("calendars", "Calendar", "'draft', FALSE") },
        [STMT_OBJECTS_AFTER_GROUP] = { .shared = OBJECTS_AFTER("person_groups", "Group", "'draft', FALSE") },

        /* Does not write an unchanged condition. Keeps the time of a condition whose status is
         * unchanged. */
        [STMT_SET_CONDITION] = { .shared =
                "INSERT INTO conditions (kind, object_id, type, status, reason, message, since) VALUES (:kind, :id, "
                ":type, :status, :reason, :message, :since) ON CONFLICT (kind, object_id, type) DO UPDATE SET since "
                "= CASE WHEN conditions.status = excluded.status THEN conditions.since ELSE excluded.since END, "
                "status = excluded.status, reason = excluded.reason, message = excluded.message WHERE "
                "conditions.status <> excluded.status OR conditions.reason <> excluded.reason OR conditions.message "
                "<> excluded.message" },
        [STMT_CLEAR_CONDITION] = { .shared =
                "DELETE FROM conditions WHERE kind = :kind AND object_id = :id AND type = :type" },
        [STMT_DELETE_CONDITIONS] = { .shared = "DELETE FROM conditions WHERE kind = :kind AND object_id = :id" },
        [STMT_CONDITIONS] = { .shared =
                "SELECT type, status, reason, message, since FROM conditions WHERE kind = :kind AND object_id = :id "
                "ORDER BY type" },
        [STMT_PAGE_CONDITIONS] = { .sqlite =
                "SELECT /*scan: of the page*/ c.object_id, c.type, c.status, c.reason, c.message, c.since FROM " PAGE
                "conditions c ON c.kind = :kind AND c.object_id = p.value" },
        /* Excludes conditions that need no action:
         * - environments on hold, and versions that are too young or not resolved;
         * - deprecated releases, and environments that have never been used;
         * - environments that wait for a soak time, a window or a check, if their present release
         *   is deployed. A check ends by its time-out, so it may also run for a release that is
         *   being promoted. */
        [STMT_TROUBLES] = { .shared =
                "SELECT /*scan: asked for by people*/ c.kind, c.object_id, r.name, t.name, c.type, c.status, "
                "c.reason, c.message, c.since FROM conditions c LEFT JOIN releases r ON c.kind = 'Release' AND r.id "
                "= c.object_id AND r.status <> 'archived' LEFT JOIN tenants t ON t.id = r.tenant_id WHERE " OF_TENANT
                "AND (c.kind <> 'Release' OR r.id IS NOT NULL) AND ((c.type = 'Ready' AND c.status = 'False') OR (c.type <> 'Ready' AND c.status = 'True')) AND (c.type <> 'Held' "
                "OR c.reason = 'DeploymentFailed') AND c.type <> 'Resolving' AND c.reason NOT IN ('Deprecated', 'Empty') AND (c.reason NOT IN ('Soaking', 'WindowClosed', 'CheckRunning') OR EXISTS "
                "(SELECT 1 FROM release_environment_state s WHERE s.environment_id = c.object_id AND s.status <> "
                "'deployed' AND NOT (s.status = 'promoting' AND c.reason = 'CheckRunning'))) ORDER BY c.since DESC, c.kind, c.object_id, c.type "
                "LIMIT :limit /*sort: of these*/" },
        [STMT_NOTICES] = { .shared =
                "SELECT /*scan: asked for by people*/ c.kind, c.object_id, NULL, NULL, c.type, c.status, c.reason, "
                "c.message, c.since FROM conditions c WHERE " OF_TENANT "AND (c.kind = "
                "'Environment' AND c.type = 'Held' AND c.status = 'True' AND c.reason = 'OnHold' OR c.type = "
                "'Held' AND c.status = 'True' AND c.reason = 'TooYoung' OR c.type = "
                "'Resolving' AND c.status = 'True') UNION ALL SELECT 'Environment', s.environment_id, NULL, NULL, "
                "c.type, c.status, c.reason, 'runs deprecated release ''' || r.name || ''': ' || c.message, c.since "
                "FROM conditions c JOIN releases r ON r.id = c.object_id JOIN release_environment_state s ON "
                "s.deployed_release_id = r.id WHERE " OF_TENANT "AND c.kind = 'Release' AND c.status = 'True' AND c.reason = "
                "'Deprecated' ORDER BY since DESC, kind, object_id, type LIMIT :limit /*sort: of these*/" },
};
/* clang-format on */
