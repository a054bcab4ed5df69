/* Writes and reads the audit log: which principal requested which change, and the result. */

#include <stdio.h>

#include "store/apply.h"
#include "store/events.h"
#include "store/rows.h"
#include "store/stmt.h"

#define AUDIT_WINDOW 1000 /* number of newest entries in which store_count_unaccepted() counts */

int apply_add_audit(Store *store, const Change *change, Error *err)
{
        const AuditEntry *entry = change->audit;
        Uuid tenant = tenant_id(entry->tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ADD_AUDIT, &stmt, err);
        if (r < 0)
                return r;
        bind_time(&stmt, ":at", entry->at);
        bind_text(&stmt, ":tenant", tenant.text);
        bind_text(&stmt, ":principal", entry->actor.principal);
        bind_text(&stmt, ":origin", entry->actor.origin);
        bind_text(&stmt, ":action", entry->actor.action);
        bind_text(&stmt, ":kind",
                  entry->kind < OBJECT_KIND_MAX_ ? object_kind_to_string(entry->kind) : NULL);
        bind_text(&stmt, ":object", entry->object_id ? entry->object_id : "");
        bind_text(&stmt, ":name", entry->object_name ? entry->object_name : "");
        bind_text(&stmt, ":result", entry->result_id);
        bind_text(&stmt, ":key", entry->actor.idempotency_key);
        bind_text(&stmt, ":digest", entry->actor.request_digest);
        bind_text(&stmt, ":person", entry->actor.person);
        bind_text(&stmt, ":release", entry->actor.release);
        bind_text(&stmt, ":outcome", audit_outcome_to_string(entry->outcome));
        bind_int(&stmt, ":status", entry->status);
        bind_text(&stmt, ":detail", entry->detail);
        return stmt_run(&stmt, err);
}

static void read_entry(Stmt *stmt, Arena *arena, void *row)
{
        AuditEntry *entry = row;

        entry->sequence = read_int(stmt);
        entry->at = read_time(stmt);
        entry->tenant = read_text(stmt, arena);
        entry->actor.principal = read_text(stmt, arena);
        entry->actor.origin = read_text(stmt, arena);
        entry->actor.action = read_text(stmt, arena);
        entry->kind = OBJECT_KIND_MAX_;
        /* "" if the entry has no object */
        (void)object_kind_from_string(read_static(stmt), &entry->kind);
        entry->object_id = read_text(stmt, arena);
        entry->object_name = read_text(stmt, arena);
        entry->result_id = read_text(stmt, arena);
        entry->actor.idempotency_key = read_text(stmt, arena);
        entry->actor.request_digest = read_text(stmt, arena);
        entry->actor.person = read_text(stmt, arena);
        entry->actor.release = read_text(stmt, arena);
        entry->outcome = AUDIT_ACCEPTED;
        /* the schema allows only valid values */
        (void)audit_outcome_from_string(read_static(stmt), &entry->outcome);
        entry->status = (unsigned)read_int(stmt);
        entry->detail = read_text(stmt, arena);
}

int store_audit(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                AuditEntries *ret, Error *err)
{
        Uuid id = tenant_id(tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, filter->newest ? STMT_NEWEST_AUDIT : STMT_AUDIT, &stmt, err);
        if (r < 0)
                return r;
        filter_bind(&stmt, &id, filter);
        r = rows_read(&stmt, sizeof(AuditEntry), read_entry, arena, (Rows *)ret, err);
        for (size_t i = 0; r >= 0 && filter->newest && i < ret->n / 2; i++) {
                AuditEntry last = ret->items[ret->n - 1 - i];

                ret->items[ret->n - 1 - i] = ret->items[i];
                ret->items[i] = last;
        }
        return r;
}

int store_last_audit(Store *store, int64_t *ret, Error *err)
{
        return last_sequence(store, STMT_LAST_AUDIT, ret, err);
}

static int has_before(Store *store, StmtId id, const EventFilter *filter, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_int(&stmt, ":after", filter->after);
        bind_time(&stmt, ":since", filter->since);
        r = stmt_step(&stmt, err);
        return r > 0 ? read_int(&stmt) > 0 : r;
}

int store_has_audit_before(Store *store, const EventFilter *filter, Error *err)
{
        return has_before(store, STMT_AUDIT_BEFORE, filter, err);
}

int store_has_events_before(Store *store, const EventFilter *filter, Error *err)
{
        return has_before(store, STMT_EVENT_BEFORE, filter, err);
}

int store_audit_by_key(Store *store, const Actor *actor, Arena *arena, AuditEntry *ret, Error *err)
{
        Uuid tenant = tenant_id(actor->tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_AUDIT_BY_KEY, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":tenant", tenant.text);
        bind_text(&stmt, ":principal", actor->principal);
        bind_text(&stmt, ":key", actor->idempotency_key);
        return row_read(&stmt, read_entry, arena, ret, err);
}

int store_count_unaccepted(Store *store, const char *principal, usec_t since, int64_t *ret,
                           Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_COUNT_UNACCEPTED, &stmt, err);
        if (r < 0)
                return r;
        bind_int(&stmt, ":window", AUDIT_WINDOW);
        bind_text(&stmt, ":principal", principal);
        bind_time(&stmt, ":since", since);
        r = stmt_step(&stmt, err);
        if (r > 0)
                *ret = read_int(&stmt);
        return MIN(r, 0);
}
