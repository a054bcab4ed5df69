/* SQL: events, their receivers, and the audit log. */

#include "store/sql.h"

#define AUDIT_COLUMNS                                                                              \
        "a.sequence, a.at, t.name, a.principal, a.origin, a.action, a.kind, a.object_id, "         \
        "a.object_name, a.result_id, a.idempotency_key, a.request_digest "                         \
        "FROM audit a CROSS JOIN tenants t ON t.id = a.tenant_id "

const char *const sql_events[STMT_MAX_] = {
        [STMT_ADD_EVENT] =
                "INSERT INTO events (id, tenant_id, type, kind, object_id, object_name, data, at) "
                "VALUES (:id, :tenant, :type, :kind, :object, :name, :data, :at)",
        [STMT_EVENTS] =
                "SELECT e.sequence, e.id, e.type, COALESCE(t.name, ''), e.kind, e.object_id, "
                "e.object_name, e.data, e.at FROM events e LEFT JOIN tenants t ON t.id = e.tenant_id "
                "WHERE e.sequence > :after ORDER BY e.sequence LIMIT :limit",
        [STMT_TENANT_EVENTS] =
                "SELECT e.sequence, e.id, e.type, t.name, e.kind, e.object_id, e.object_name, e.data, "
                "e.at FROM events e CROSS JOIN tenants t ON t.id = e.tenant_id "
                "WHERE e.sequence > :after AND e.tenant_id = :tenant ORDER BY e.sequence LIMIT :limit",
        [STMT_LAST_EVENT] = "SELECT COALESCE(MAX(sequence), 0) FROM events",
        [STMT_EVENT_BY_ID] = "SELECT sequence FROM events WHERE id = :id",
        [STMT_PRUNE_EVENTS] =
                "DELETE FROM events WHERE sequence <= (SELECT MAX(sequence) FROM (SELECT sequence, at "
                "FROM events WHERE sequence <= :sequence ORDER BY sequence LIMIT 1000) WHERE at < "
                ":before)",

        [STMT_PUT_RECEIVER] =
                "INSERT INTO event_receivers (name, position, delivered_at, failing_since, problem) "
                "VALUES (:name, :position, :delivered, :failing, :problem) ON CONFLICT (name) DO UPDATE "
                "SET position = excluded.position, delivered_at = excluded.delivered_at, "
                "failing_since = excluded.failing_since, problem = excluded.problem",
        [STMT_RECEIVER] =
                "SELECT name, position, delivered_at, failing_since, problem, (SELECT COUNT(*) FROM "
                "dead_letters d WHERE d.receiver = r.name), (SELECT COALESCE(MAX(sequence), 0) FROM "
                "events) - position FROM event_receivers r WHERE name = :name",
        [STMT_ADD_DEAD_LETTER] =
                "INSERT INTO dead_letters (receiver, sequence, problem, at) VALUES (:name, :sequence, "
                ":problem, :at) ON CONFLICT DO NOTHING",
        [STMT_DEAD_LETTERS] =
                "SELECT receiver, sequence, problem, at FROM dead_letters WHERE receiver = :name "
                "ORDER BY sequence LIMIT :limit",
        [STMT_FORGET_DEAD_LETTERS] =
                "DELETE FROM dead_letters WHERE receiver = :name AND sequence > :position",

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
};
