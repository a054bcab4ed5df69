#include "store/checks.h"
#include "store/rows.h"
#include "store/stmt.h"

static void read_check(Stmt *stmt, Arena *arena, void *row)
{
        CheckResult *result = row;

        result->environment_id = read_text(stmt, arena);
        result->release_id = read_text(stmt, arena);
        result->promotion_id = read_text(stmt, arena);
        result->name = read_text(stmt, arena);
        (void)check_status_from_string(read_static(stmt), &result->status); /* always valid */
        result->started_at = read_time(stmt);
        result->reported_at = read_time(stmt);
        result->by = read_text(stmt, arena);
        result->person = read_text(stmt, arena);
        result->evidence_ref = read_text(stmt, arena);
        result->message = read_text(stmt, arena);
        result->output = read_text(stmt, arena);
}

static int read_of_release(Store *store, StmtId id, const CheckResult *of, Arena *arena,
                           CheckResults *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, id, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", of->environment_id);
        if (of->release_id)
                bind_text(&stmt, ":release", of->release_id);
        return rows_read(&stmt, sizeof(CheckResult), read_check, arena, (Rows *)ret, err);
}

int store_checks(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                 CheckResults *ret, Error *err)
{
        return read_of_release(
                store, STMT_CHECKS,
                &(CheckResult){ .environment_id = environment_id, .release_id = release_id }, arena,
                ret, err);
}

int store_checks_output(Store *store, const char *environment_id, const char *release_id,
                        Arena *arena, CheckResults *ret, Error *err)
{
        return read_of_release(
                store, STMT_CHECKS_OUTPUT,
                &(CheckResult){ .environment_id = environment_id, .release_id = release_id }, arena,
                ret, err);
}

int store_running_checks(Store *store, const char *environment_id, Arena *arena, CheckResults *ret,
                         Error *err)
{
        return read_of_release(store, STMT_RUNNING_CHECKS,
                               &(CheckResult){ .environment_id = environment_id }, arena, ret, err);
}

int store_page_checks(Store *store, const char *pairs, Arena *arena, CheckResults *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PAGE_CHECKS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", pairs);
        return rows_read(&stmt, sizeof(CheckResult), read_check, arena, (Rows *)ret, err);
}
