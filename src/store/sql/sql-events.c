/* SQL: events, their receivers, and the audit log. */

#include "store/sql/sql.h"

#define AUDIT_COLUMNS                                                                              \
        "a.sequence, a.at, t.name, a.principal, a.origin, a.action, a.kind, a.object_id, "         \
        "a.object_name, a.result_id, a.idempotency_key, a.request_digest, a.person, "              \
        "a.release_name, a.outcome, a.status, a.detail "                                           \
        "FROM audit a JOIN tenants t ON t.id = a.tenant_id "

/* Selects the rows of a tenant that match an EventFilter. SQLite reads a range of the primary key
 * and checks each row. */
#define FILTER(table)                                                                              \
        "WHERE " table ".sequence > :after AND " table ".sequence <= :until AND " table            \
        ".tenant_id = :tenant AND " table ".at >= :since AND (:kind = '' OR (" table               \
        ".kind = :kind AND " table ".object_name = :name)) "
#define EVENT_FILTER                                                                               \
        FILTER("e")                                                                                \
        "AND (:types = '' OR :types LIKE '%,' || e.type || ',%') "
/* Selects the last row before the range of a search, of any tenant. Selects none if this row is
 * older than the time of the search. */
#define BEFORE(table)                                                                              \
        "SELECT COALESCE(MAX(sequence), 0) FROM " table " WHERE sequence = (SELECT MAX(sequence) " \
        "FROM " table " WHERE sequence <= :after) AND at >= :since"
#define EVENT_COLUMNS                                                                              \
        "e.sequence, e.id, e.type, t.name, e.kind, e.object_id, e.object_name, e.data, e.at "      \
        "FROM events e JOIN tenants t ON t.id = e.tenant_id "

/* clang-format off */
const StmtText sql_events[STMT_MAX_] = {
        [STMT_ADD_EVENT] = { .shared =
                "INSERT INTO events (id, tenant_id, type, kind, object_id, object_name, data, at) VALUES (:id, "
                ":tenant, :type, :kind, :object, :name, :data, :at)" },
        [STMT_EVENTS] = { .shared =
                "SELECT e.sequence, e.id, e.type, COALESCE(t.name, ''), e.kind, e.object_id, e.object_name, e.data, "
                "e.at FROM events e LEFT JOIN tenants t ON t.id = e.tenant_id WHERE e.sequence > :after ORDER BY "
                "e.sequence LIMIT :limit" },
        [STMT_TENANT_EVENTS] = { .shared =
                "SELECT " EVENT_COLUMNS EVENT_FILTER "ORDER BY e.sequence LIMIT :limit" },
        [STMT_NEWEST_EVENTS] = { .shared =
                "SELECT " EVENT_COLUMNS EVENT_FILTER "ORDER BY e.sequence DESC LIMIT :limit" },
        [STMT_LAST_EVENT] = { .shared = "SELECT COALESCE(MAX(sequence), 0) FROM events" },
        [STMT_EVENT_BEFORE] = { .shared = BEFORE("events") },
        [STMT_EVENT_BY_ID] = { .shared = "SELECT sequence FROM events WHERE id = :id" },
        [STMT_PRUNE_EVENTS] = { .shared =
                "DELETE FROM events WHERE sequence <= (SELECT MAX(sequence) FROM (SELECT sequence, at FROM events "
                "WHERE sequence <= :sequence ORDER BY sequence LIMIT 1000) e WHERE at < :before)" },

        [STMT_PUT_RECEIVER] = { .shared =
                "INSERT INTO event_receivers (name, position, delivered_at, failing_since, problem) VALUES (:name, "
                ":position, :delivered, :failing, :problem) ON CONFLICT (name) DO UPDATE SET position = "
                "excluded.position, delivered_at = excluded.delivered_at, failing_since = excluded.failing_since, "
                "problem = excluded.problem" },
        [STMT_RECEIVER] = { .shared =
                "SELECT name, position, delivered_at, failing_since, problem, (SELECT COUNT(*) FROM dead_letters d "
                "WHERE d.receiver = r.name), (SELECT COALESCE(MAX(sequence), 0) FROM events) - position FROM "
                "event_receivers r WHERE name = :name" },
        [STMT_ADD_DEAD_LETTER] = { .shared =
                "INSERT INTO dead_letters (receiver, sequence, problem, at) VALUES (:name, :sequence, :problem, :at) "
                "ON CONFLICT DO NOTHING" },
        [STMT_DEAD_LETTERS] = { .shared =
                "SELECT receiver, sequence, problem, at FROM dead_letters WHERE receiver = :name ORDER BY sequence "
                "LIMIT :limit" },
        [STMT_FORGET_DEAD_LETTERS] = { .shared =
                "DELETE FROM dead_letters WHERE receiver = :name AND sequence > :position" },

        [STMT_ADD_AUDIT] = { .shared =
                "INSERT INTO audit (at, tenant_id, principal, origin, action, kind, object_id, object_name, "
                "result_id, idempotency_key, request_digest, person, release_name, outcome, status, detail) VALUES "
                "(:at, :tenant, :principal, :origin, :action, :kind, :object, :name, :result, :key, :digest, :person, "
                ":release, :outcome, :status, :detail)" },
        [STMT_AUDIT] = { .shared =
                "SELECT " AUDIT_COLUMNS FILTER("a") "ORDER BY a.sequence LIMIT :limit" },
        [STMT_NEWEST_AUDIT] = { .shared =
                "SELECT " AUDIT_COLUMNS FILTER("a") "ORDER BY a.sequence DESC LIMIT :limit" },
        [STMT_LAST_AUDIT] = { .shared = "SELECT COALESCE(MAX(sequence), 0) FROM audit" },
        [STMT_AUDIT_BEFORE] = { .shared = BEFORE("audit") },
        [STMT_AUDIT_BY_KEY] = { .shared =
                "SELECT " AUDIT_COLUMNS "WHERE a.tenant_id = :tenant AND a.principal = :principal AND "
                "a.idempotency_key = :key" },
        [STMT_COUNT_UNACCEPTED] = { .shared =
                "SELECT COUNT(*) FROM audit WHERE sequence > (SELECT COALESCE(MAX(sequence), 0) FROM audit) - :window "
                "AND principal = :principal AND outcome <> 'accepted' AND at >= :since" },
};
/* clang-format on */
