/* Writes the results of checks. */

#include "store/apply.h"
#include "store/stmt.h"

static void bind_ids(Stmt *stmt, const CheckResult *result)
{
        bind_text(stmt, ":environment", result->environment_id);
        bind_text(stmt, ":release", result->release_id);
        bind_text(stmt, ":promotion", result->promotion_id);
        bind_text(stmt, ":name", result->name);
}

/* Deletes the outputs of older results of this check. Otherwise the database would grow with each
 * promotion. */
static int forget_outputs(Store *store, const CheckResult *result, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_FORGET_OUTPUTS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", result->environment_id);
        bind_text(&stmt, ":name", result->name);
        return stmt_run(&stmt, err);
}

int apply_put_check(Store *store, const Change *change, Error *err)
{
        const CheckResult *result = change->check;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_CHECK, &stmt, err);
        if (r < 0)
                return r;
        bind_ids(&stmt, result);
        bind_text(&stmt, ":status", check_status_to_string(result->status));
        bind_time(&stmt, ":started", result->started_at);
        if (result->reported_at > 0)
                bind_time(&stmt, ":reported", result->reported_at);
        else
                bind_text(&stmt, ":reported", NULL);
        bind_text(&stmt, ":by", result->by);
        bind_text(&stmt, ":person", result->person);
        bind_text(&stmt, ":evidence", result->evidence_ref);
        bind_text(&stmt, ":message", result->message);
        bind_text(&stmt, ":output", result->output);
        r = stmt_run(&stmt, err);
        return r < 0 || !result->output ? r : forget_outputs(store, result, err);
}

int apply_end_checks(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_END_CHECKS, &stmt, err);
        if (r < 0)
                return r;
        bind_ids(&stmt, change->check);
        return stmt_run(&stmt, err);
}
