/* Writes changes of deployments, holds, closed gates and approvals. */

#include <stdio.h>

#include "store/apply.h"
#include "store/stmt.h"

int apply_user(Store *store, const Uuid *tenant, const char *name, usec_t at, Uuid *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        *ret = uuid_of((const char *const[]){ tenant->text, "User", name, NULL });
        r = stmt_get(store, STMT_PUT_USER, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", ret->text);
        bind_text(&stmt, ":tenant", tenant->text);
        bind_text(&stmt, ":name", name);
        bind_time(&stmt, ":at", at);
        return stmt_run(&stmt, err);
}

static int add_history(Store *store, const Deployment *deployment, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ADD_HISTORY, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", deployment->environment_id);
        bind_text(&stmt, ":release", deployment->release_id);
        bind_text(&stmt, ":name", deployment->release_name);
        bind_text(&stmt, ":status", deployment_status_to_string(deployment->status));
        bind_time(&stmt, ":at", deployment->at);
        bind_text(&stmt, ":by", deployment->by);
        bind_text(&stmt, ":promotion", deployment->promotion_id);
        bind_text(&stmt, ":evidence", deployment->evidence_ref);
        bind_text(&stmt, ":reason", deployment->reason);
        return stmt_run(&stmt, err);
}

int apply_put_deployment(Store *store, const Change *change, Error *err)
{
        const Deployment *deployment = change->deployment;
        Uuid id = uuid_of((const char *const[]){ deployment->environment_id, "State", NULL });
        Uuid tenant, user;
        int r;

        (void)snprintf(tenant.text, sizeof(tenant.text), "%s", deployment->tenant_id);
        r = apply_user(store, &tenant, deployment->by, deployment->at, &user, err);
        if (r >= 0) {
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, STMT_PUT_DEPLOYMENT, &stmt, err);
                if (r < 0)
                        return r;
                bind_text(&stmt, ":id", id.text);
                bind_text(&stmt, ":environment", deployment->environment_id);
                bind_text(&stmt, ":release", deployment->release_id);
                bind_text(&stmt, ":status", deployment_status_to_string(deployment->status));
                bind_time(&stmt, ":at", deployment->at);
                bind_text(&stmt, ":by", user.text);
                bind_text(&stmt, ":promotion", deployment->promotion_id);
                bind_text(&stmt, ":evidence", deployment->evidence_ref);
                bind_text(&stmt, ":deployed", deployment->deployed_release_id);
                bind_text(&stmt, ":reason", deployment->reason);
                r = stmt_run(&stmt, err);
        }
        return r < 0 ? r : add_history(store, deployment, err);
}

int apply_delete_deployment(Store *store, const Change *change, Error *err)
{
        return stmt_run_with(store, STMT_DELETE_DEPLOYMENT, ":environment", change->object_id, err);
}

int apply_put_hold(Store *store, const Change *change, Error *err)
{
        const Hold *hold = change->hold;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_HOLD, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", hold->environment_id);
        bind_text(&stmt, ":release", hold->release_id);
        bind_time(&stmt, ":since", hold->since);
        bind_text(&stmt, ":by", hold->by);
        bind_text(&stmt, ":reason", hold->reason);
        bind_int(&stmt, ":retry", hold->is_retry);
        bind_int(&stmt, ":fallback", hold->is_fallback);
        return stmt_run(&stmt, err);
}

int apply_delete_hold(Store *store, const Change *change, Error *err)
{
        return stmt_run_with(store, STMT_DELETE_HOLD, ":environment", change->object_id, err);
}

int apply_put_closed_gate(Store *store, const Change *change, Error *err)
{
        const ClosedGate *closed = change->closed_gate;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_CLOSED_GATE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", closed->environment_id);
        bind_text(&stmt, ":gate", closed->gate);
        bind_text(&stmt, ":release", closed->release_id);
        bind_text(&stmt, ":reason", closed->reason);
        return stmt_run(&stmt, err);
}

int apply_delete_closed_gate(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DELETE_CLOSED_GATE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", change->closed_gate->environment_id);
        bind_text(&stmt, ":gate", change->closed_gate->gate);
        return stmt_run(&stmt, err);
}

static void bind_pair(Stmt *stmt, const Approval *approval)
{
        bind_text(stmt, ":environment", approval->environment_id);
        bind_text(stmt, ":release", approval->release_id);
}

static void bind_approval(Stmt *stmt, const Approval *approval)
{
        bind_pair(stmt, approval);
        bind_text(stmt, ":by", approval->by);
        bind_text(stmt, ":person", approval->person);
}

static const char *verdict_text(const Approval *approval)
{
        return approval->is_rejection ? "rejected" : "approved";
}

static int end_verdicts(Store *store, const Approval *approval, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_END_VERDICTS, &stmt, err);
        if (r < 0)
                return r;
        bind_pair(&stmt, approval);
        bind_text(&stmt, ":verdict", verdict_text(approval));
        return stmt_run(&stmt, err);
}

int apply_add_approval(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = end_verdicts(store, change->approval, err);
        if (r >= 0)
                r = stmt_get(store, STMT_ADD_APPROVAL, &stmt, err);
        if (r < 0)
                return r;
        bind_approval(&stmt, change->approval);
        bind_time(&stmt, ":at", change->approval->at);
        bind_text(&stmt, ":verdict", verdict_text(change->approval));
        bind_text(&stmt, ":message", change->approval->message);
        return stmt_run(&stmt, err);
}

int apply_delete_approval(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DELETE_APPROVAL, &stmt, err);
        if (r < 0)
                return r;
        bind_approval(&stmt, change->approval);
        return stmt_run(&stmt, err);
}

int apply_put_output_run(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_OUTPUT_RUN, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":environment", change->object_id);
        bind_text(&stmt, ":output", change->output.key);
        bind_text(&stmt, ":digest", change->output.run.lock_digest);
        bind_text(&stmt, ":release", change->output.run.release);
        bind_text(&stmt, ":commit", change->output.run.commit);
        bind_time(&stmt, ":at", change->at);
        return stmt_run(&stmt, err);
}
