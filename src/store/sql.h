#pragma once

/* Every SQL statement, by entity: one table a file. A statement is a number, so that it is prepared
 * once, and a test can ask for the plan of each. Values are bound by name and never written into a
 * text. A comment within a text says why the plan of a statement may scan or sort. */

/* clang-format off */
typedef enum StmtId {
        /* tenants and users; registries (integrations), components, streams and environments; conditions */
        STMT_PUT_TENANT, STMT_TENANT, STMT_TENANTS, STMT_PUT_USER,
        STMT_PUT_INTEGRATION, STMT_DELETE_INTEGRATION, STMT_DECLARE_INTEGRATION,
        STMT_DOCUMENT_INTEGRATION, STMT_TIMES_INTEGRATION, STMT_PAGE_TIMES_INTEGRATION,
        STMT_PUT_COMPONENT, STMT_DELETE_COMPONENT, STMT_DECLARE_COMPONENT, STMT_DOCUMENT_COMPONENT,
        STMT_TIMES_COMPONENT, STMT_PAGE_TIMES_COMPONENT,
        STMT_PUT_STREAM, STMT_DELETE_STREAM, STMT_DECLARE_STREAM, STMT_DOCUMENT_STREAM,
        STMT_TIMES_STREAM, STMT_PAGE_TIMES_STREAM,
        STMT_PUT_ENVIRONMENT, STMT_DELETE_ENVIRONMENT, STMT_DECLARE_ENVIRONMENT,
        STMT_DOCUMENT_ENVIRONMENT, STMT_TIMES_ENVIRONMENT, STMT_PAGE_TIMES_ENVIRONMENT,
        STMT_OBJECTS, STMT_OBJECTS_AFTER_INTEGRATION, STMT_OBJECTS_AFTER_COMPONENT,
        STMT_OBJECTS_AFTER_RELEASE, STMT_OBJECTS_AFTER_STREAM, STMT_OBJECTS_AFTER_ENVIRONMENT,
        STMT_SET_CONDITION, STMT_CLEAR_CONDITION, STMT_DELETE_CONDITIONS, STMT_CONDITIONS,
        STMT_PAGE_CONDITIONS, STMT_TROUBLES,
        /* tags, versions, channels, manifests and drift of components */
        STMT_PUT_SYNC, STMT_SYNC_STATE,
        STMT_PUT_TAG, STMT_TAG, STMT_TAGS, STMT_TAGS_AFTER, STMT_TAG_FACTS_AFTER, STMT_COUNT_TAGS, STMT_DUE_TAGS, STMT_PUT_TAG_HISTORY,
        STMT_TAG_HISTORY,
        STMT_PUT_VERSION, STMT_DELETE_VERSION, STMT_VERSION_BY_ID, STMT_VERSIONS, STMT_VERSIONS_AFTER,
        STMT_VERSIONS_BEHIND, STMT_VERSIONS_CHANNEL, STMT_VERSIONS_CHANNEL_BEHIND, STMT_VERSIONS_SKIP, STMT_VERSIONS_REST, STMT_VERSIONS_DIGEST, STMT_VERSIONS_TAG,
        STMT_PUT_ASSIGNMENT, STMT_DELETE_ASSIGNMENT, STMT_ASSIGNMENTS,
        STMT_PUT_CHANNEL, STMT_DELETE_CHANNEL, STMT_CHANNELS, STMT_PAGE_CHANNELS,
        STMT_PUT_MANIFEST, STMT_MANIFEST, STMT_MANIFESTS,
        STMT_PUT_DRIFT, STMT_DELETE_DRIFT, STMT_DRIFT, STMT_DRIFT_COUNTS,
        STMT_USED_DIGESTS, STMT_LIVE_TAGS,
        /* releases, and the catalog */
        STMT_PUT_RELEASE, STMT_DELETE_RELEASE, STMT_DECLARE_RELEASE, STMT_SET_STATUS, STMT_DOCUMENT_RELEASE,
        STMT_PUT_RELEASE_COMPONENT, STMT_DELETE_RELEASE_COMPONENTS,
        STMT_RELEASE, STMT_RELEASE_BY_NAME, STMT_LIVE_RELEASES, STMT_RELEASES_WITH_DIGEST,
        STMT_RELEASES_OF_COMPONENT, STMT_RELEASE_COUNTS, STMT_RELEASE_USE,
        STMT_STREAM_NEWEST, STMT_STREAM_CANDIDATES, STMT_STREAM_OLD,
        STMT_SEARCH_ALL, STMT_SEARCH_ALL_BACK, STMT_SEARCH_ALL_COUNT, STMT_SEARCH, STMT_SEARCH_COUNT,
        STMT_SEARCH_STATUS, STMT_SEARCH_STATUS_COUNT,
        STMT_SEARCH_COMPONENT, STMT_SEARCH_COMPONENT_COUNT, STMT_SEARCH_DIGEST, STMT_SEARCH_DIGEST_COUNT,
        /* deployments, their history, holds, approvals and output runs */
        STMT_PUT_DEPLOYMENT, STMT_DELETE_DEPLOYMENT, STMT_DEPLOYMENT, STMT_DEPLOYMENTS,
        STMT_DEPLOYMENTS_OF, STMT_PAGE_DEPLOYMENTS, STMT_PAGE_PLACES,
        STMT_ADD_HISTORY, STMT_HISTORY, STMT_HISTORY_AT, STMT_HISTORY_OF_RELEASE, STMT_WAS_DEPLOYED,
        STMT_FAILURE,
        STMT_PUT_HOLD, STMT_DELETE_HOLD, STMT_HOLD, STMT_PAGE_HOLDS,
        STMT_ADD_APPROVAL, STMT_APPROVALS, STMT_ENVIRONMENT_APPROVALS,
        STMT_PUT_OUTPUT_RUN, STMT_OUTPUT_RUN,
        /* events, their receivers, and the audit log */
        STMT_ADD_EVENT, STMT_EVENTS, STMT_TENANT_EVENTS, STMT_NEWEST_EVENTS, STMT_LAST_EVENT, STMT_EVENT_BY_ID, STMT_PRUNE_EVENTS,
        STMT_PUT_RECEIVER, STMT_RECEIVER, STMT_ADD_DEAD_LETTER, STMT_DEAD_LETTERS, STMT_FORGET_DEAD_LETTERS,
        STMT_ADD_AUDIT, STMT_AUDIT, STMT_NEWEST_AUDIT, STMT_AUDIT_BY_KEY,
        STMT_MAX_,
} StmtId;
/* clang-format on */

/* The text of a statement, by dialect. It stands in a dialect's own column only where the shared
 * one would not do there. */
typedef struct StmtText {
        const char *shared;
        const char *sqlite; /* NULL: the shared one */
} StmtText;

const StmtText *stmt_text(StmtId id);

/* sql-*.c: empty where a statement stands in another file. */
extern const StmtText sql_objects[STMT_MAX_];
extern const StmtText sql_versions[STMT_MAX_];
extern const StmtText sql_releases[STMT_MAX_];
extern const StmtText sql_environments[STMT_MAX_];
extern const StmtText sql_events[STMT_MAX_];

/* Parts of texts that several files have. */

/* The objects of a page, in the order of their ids. */
#define PAGE          "json_each(:ids) p CROSS JOIN "
#define IN_PAGE_ORDER "ORDER BY p.key /*sort: of the page*/"
/* States of a release that has a lockfile. */
#define LIVE "('ready', 'promoting', 'deployed', 'deprecated')"
