/* Reads deployments, their history, holds and approvals. */

#include "store/digests.h"
#include "store/pages.h"
#include "store/releases.h"
#include "store/rows.h"
#include "store/stmt.h"

static void read_deployment(Stmt *stmt, Arena *arena, void *row)
{
        Deployment *deployment = row;

        deployment->environment_id = read_text(stmt, arena);
        deployment->release_id = read_text(stmt, arena);
        deployment->release_name = read_text(stmt, arena);
        /* always valid */
        (void)deployment_status_from_string(read_static(stmt), &deployment->status);
        deployment->at = read_time(stmt);
        deployment->by = read_text(stmt, arena);
        deployment->promotion_id = read_text(stmt, arena);
        deployment->evidence_ref = read_text(stmt, arena);
        deployment->deployed_release_id = read_text(stmt, arena);
        deployment->reason = read_text(stmt, arena);
}

int store_deployment(Store *store, const char *environment_id, Arena *arena, Deployment *ret,
                     Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = (Deployment){ 0 };
        r = stmt_get(store, STMT_DEPLOYMENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        return row_read(&stmt, read_deployment, arena, ret, err);
}

static int page_of(Store *store, StmtId statement, const char *ids, Stmt *stmt, Error *err)
{
        int r = stmt_get(store, statement, stmt, err);

        if (r >= 0)
                bind_text(stmt, ":ids", ids);
        return r;
}

int store_page_deployments(Store *store, const char *ids, Arena *arena, Deployments *ret,
                           Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_DEPLOYMENTS, ids, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(Deployment), read_deployment, arena, (Rows *)ret,
                                 err);
}

static void read_deployment_as_of(Stmt *stmt, Arena *arena, void *row)
{
        Deployment *deployment = row;

        read_deployment(stmt, arena, row);
        deployment->deployed_release_name = read_text(stmt, arena);
}

int store_page_as_of(Store *store, const char *ids, usec_t at, Arena *arena, Deployments *ret,
                     Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_AS_OF, ids, &stmt, err);

        if (r < 0)
                return r;
        bind_time(&stmt, ":at", at);
        return rows_read(&stmt, sizeof(Deployment), read_deployment_as_of, arena, (Rows *)ret, err);
}

static void read_rollback(Stmt *stmt, Arena *arena, void *row)
{
        Rollback *rollback = row;

        rollback->environment_id = read_text(stmt, arena);
        rollback->release_id = read_text(stmt, arena);
        rollback->release_name = read_text(stmt, arena);
        (void)release_status_from_string(read_static(stmt), &rollback->status); /* always valid */
        rollback->at = read_time(stmt);
}

int store_page_rollbacks(Store *store, const char *ids, size_t limit, Arena *arena, Rollbacks *ret,
                         Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_ROLLBACKS, ids, &stmt, err);

        if (r < 0)
                return r;
        bind_int(&stmt, ":limit", (int64_t)limit);
        return rows_read(&stmt, sizeof(Rollback), read_rollback, arena, (Rows *)ret, err);
}

int store_release_before(Store *store, const char *environment_id, const char *release_id,
                         Arena *arena, Release *ret, Error *err)
{
        const char *ids = arena_printf(arena, "[\"%s\"]", environment_id);
        Rollbacks last;
        int r = ids ? store_page_rollbacks(store, ids, 2, arena, &last, err) : error_oom(err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < last.n; i++)
                if (!streq(last.items[i].release_id, release_id))
                        return store_release(store, last.items[i].release_id, arena, ret, err);
        return 0;
}

static void read_place(Stmt *stmt, Arena *arena, void *row)
{
        ReleasePlace *place = row;

        place->id = read_text(stmt, arena);
        place->environment_id = read_text(stmt, arena);
}

int store_page_places(Store *store, const char *ids, Arena *arena, ReleasePlaces *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_PLACES, ids, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(ReleasePlace), read_place, arena, (Rows *)ret, err);
}

int store_deployments_of(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                         Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DEPLOYMENTS_OF, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":release", release_id);
        return rows_read(&stmt, sizeof(Deployment), read_deployment, arena, (Rows *)ret, err);
}

static void read_history(Stmt *stmt, Arena *arena, void *row)
{
        Deployment *deployment = row;

        deployment->sequence = read_int(stmt);
        deployment->environment_id = read_text(stmt, arena);
        deployment->release_id = read_text(stmt, arena);
        deployment->release_name = read_text(stmt, arena);
        /* always valid */
        (void)deployment_status_from_string(read_static(stmt), &deployment->status);
        deployment->at = read_time(stmt);
        deployment->by = read_text(stmt, arena);
        deployment->promotion_id = read_text(stmt, arena);
        deployment->evidence_ref = read_text(stmt, arena);
        deployment->reason = read_text(stmt, arena);
}

int store_history(Store *store, const char *environment_id, const Page *page, Arena *arena,
                  Deployments *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_HISTORY, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_int(&stmt, ":limit", page->limit);
        bind_int(&stmt, ":offset", page->offset);
        return rows_read(&stmt, sizeof(Deployment), read_history, arena, (Rows *)ret, err);
}

int store_history_of_release(Store *store, const char *release_id, Arena *arena, Deployments *ret,
                             Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_HISTORY_OF_RELEASE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":release", release_id);
        return rows_read(&stmt, sizeof(Deployment), read_history, arena, (Rows *)ret, err);
}

/* Returns 1 if the statement returns a row for the release in the environment, 0 if not. */
static int has_row(Store *store, StmtId statement, const char *environment_id,
                   const char *release_id, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, statement, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        return stmt_step(&stmt, err);
}

int store_was_deployed(Store *store, const char *environment_id, const char *release_id, Error *err)
{
        return has_row(store, STMT_WAS_DEPLOYED, environment_id, release_id, err);
}

int store_was_promoted(Store *store, const char *environment_id, const char *release_id, Error *err)
{
        return has_row(store, STMT_WAS_PROMOTED, environment_id, release_id, err);
}

int store_was_deployed_before(Store *store, const char *environment_id, const char *release_id,
                              const char *than_id, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_WAS_BEFORE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        bind_text(&stmt, ":than", than_id);
        return stmt_step(&stmt, err);
}

static void read_run(Stmt *stmt, Arena *arena, void *row)
{
        DeploymentRun *run = row;

        (void)arena;
        run->since = read_time(stmt);
        run->until = read_time(stmt);
}

int store_runs(Store *store, const char *environment_id, const char *release_id, Arena *arena,
               DeploymentRuns *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RUNS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        return rows_read(&stmt, sizeof(DeploymentRun), read_run, arena, (Rows *)ret, err);
}

static void read_failure(Stmt *stmt, Arena *arena, void *row)
{
        Failure *failure = row;
        DeploymentStatus status = DEPLOYMENT_PROMOTING;

        (void)deployment_status_from_string(read_static(stmt), &status); /* always valid */
        failure->reason = read_text(stmt, arena);
        failure->canceled = status == DEPLOYMENT_CANCELED;
        if (status != DEPLOYMENT_FAILED && status != DEPLOYMENT_CANCELED)
                failure->reason = NULL;
}

int store_failure(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                  Failure *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = (Failure){ 0 };
        r = stmt_get(store, STMT_FAILURE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        r = row_read(&stmt, read_failure, arena, ret, err);
        return MIN(r, 0);
}

static void read_pair_failure(Stmt *stmt, Arena *arena, void *row)
{
        PairFailure *of = row;

        of->environment_id = read_text(stmt, arena);
        of->release_id = read_text(stmt, arena);
        read_failure(stmt, arena, &of->failure);
}

int store_page_failures(Store *store, const char *pairs, Arena *arena, PairFailures *ret,
                        Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_FAILURES, pairs, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(PairFailure), read_pair_failure, arena, (Rows *)ret,
                                 err);
}

static void read_pair(Stmt *stmt, Arena *arena, void *row)
{
        ReleasePair *pair = row;

        pair->environment_id = read_text(stmt, arena);
        pair->release_id = read_text(stmt, arena);
}

int store_page_were_deployed(Store *store, const char *pairs, Arena *arena, ReleasePairs *ret,
                             Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_WERE_DEPLOYED, pairs, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(ReleasePair), read_pair, arena, (Rows *)ret, err);
}

static void read_pair_run(Stmt *stmt, Arena *arena, void *row)
{
        PairRun *of = row;

        of->environment_id = read_text(stmt, arena);
        of->release_id = read_text(stmt, arena);
        read_run(stmt, arena, &of->run);
}

int store_page_runs(Store *store, const char *pairs, Arena *arena, PairRuns *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_RUNS, pairs, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(PairRun), read_pair_run, arena, (Rows *)ret, err);
}

static void read_hold(Stmt *stmt, Arena *arena, void *row)
{
        Hold *hold = row;

        hold->environment_id = read_text(stmt, arena);
        hold->release_id = read_text(stmt, arena);
        hold->since = read_time(stmt);
        hold->by = read_text(stmt, arena);
        hold->reason = read_text(stmt, arena);
        hold->is_retry = read_int(stmt) != 0;
        hold->is_fallback = read_int(stmt) != 0;
}

int store_hold(Store *store, const char *environment_id, Arena *arena, Hold *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = (Hold){ 0 };
        r = stmt_get(store, STMT_HOLD, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        return row_read(&stmt, read_hold, arena, ret, err);
}

static void read_closed_gate(Stmt *stmt, Arena *arena, void *row)
{
        ClosedGate *closed = row;

        closed->environment_id = read_text(stmt, arena);
        closed->gate = read_text(stmt, arena);
        closed->release_id = read_text(stmt, arena);
        closed->reason = read_text(stmt, arena);
}

int store_closed_gates(Store *store, const char *environment_id, Arena *arena, ClosedGates *ret,
                       Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_CLOSED_GATES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        return rows_read(&stmt, sizeof(ClosedGate), read_closed_gate, arena, (Rows *)ret, err);
}

int store_page_holds(Store *store, const char *ids, Arena *arena, Holds *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_HOLDS, ids, &stmt, err);

        return r < 0 ? r : rows_read(&stmt, sizeof(Hold), read_hold, arena, (Rows *)ret, err);
}

static void read_approval(Stmt *stmt, Arena *arena, void *row)
{
        Approval *approval = row;

        approval->environment_id = read_text(stmt, arena);
        approval->release_id = read_text(stmt, arena);
        approval->by = read_text(stmt, arena);
        approval->person = read_text(stmt, arena);
        approval->at = read_time(stmt);
        approval->is_rejection = read_int(stmt) != 0;
        approval->message = read_text(stmt, arena);
}

int store_approvals(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                    Approvals *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_APPROVALS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        return rows_read(&stmt, sizeof(Approval), read_approval, arena, (Rows *)ret, err);
}

int store_page_approvals(Store *store, const char *pairs, Arena *arena, Approvals *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = page_of(store, STMT_PAGE_APPROVALS, pairs, &stmt, err);

        return r < 0 ? r
                     : rows_read(&stmt, sizeof(Approval), read_approval, arena, (Rows *)ret, err);
}

int store_environment_approvals(Store *store, const char *environment_id, size_t limit,
                                Arena *arena, Approvals *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ENVIRONMENT_APPROVALS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_int(&stmt, ":limit", (int64_t)limit);
        return rows_read(&stmt, sizeof(Approval), read_approval, arena, (Rows *)ret, err);
}

#define APPROVED_RELEASES 200 /* approvals of older releases are not shown */

int store_release_approvals(Store *store, const char *environment_id, const char *release_id,
                            Arena *arena, Approvals *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_RELEASE_APPROVALS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":release", release_id);
        bind_int(&stmt, ":limit", APPROVED_RELEASES);
        return rows_read(&stmt, sizeof(Approval), read_approval, arena, (Rows *)ret, err);
}

static void read_output_run(Stmt *stmt, Arena *arena, void *row)
{
        OutputRun *run = row;

        run->lock_digest = read_text(stmt, arena);
        run->at = read_time(stmt);
        run->release = read_text(stmt, arena);
        run->commit = read_text(stmt, arena);
}

int store_output_run(Store *store, const char *environment_id, const char *key, Arena *arena,
                     OutputRun *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = (OutputRun){ 0 };
        r = stmt_get(store, STMT_OUTPUT_RUN, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", environment_id);
        bind_text(&stmt, ":output", key);
        return row_read(&stmt, read_output_run, arena, ret, err);
}
