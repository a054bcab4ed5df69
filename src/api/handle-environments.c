/* /api/v1/environments and their subresources. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/access.h"
#include "api/lookup.h"
#include "api/page-rows.h"
#include "api/page.h"

static const EnvironmentSpec *environment_find(Request *request, Error *err)
{
        return (const EnvironmentSpec *)find_object(request, KIND_ENVIRONMENT,
                                                    request_parameter(request, "id"), err);
}

static int write_listed(Request *request, Json *json, const Object *object, Error *err)
{
        return entity_environment(request, json, (const EnvironmentSpec *)object, err);
}

int handle_environments(Request *request, Error *err)
{
        int r = request_as_of(request, err);

        return r < 0 ? r : list_objects(request, KIND_ENVIRONMENT, write_listed, err);
}

/* Shows an environment that no document declares any more, if its history is still stored. Computes
 * the id from the tenant and the name, so that the history of another tenant is never found. */
static int show_removed(Request *request, const char *name, Error *err)
{
        const char *tenant = request_tenant(request);
        const EnvironmentSpec removed = { .object = {
                                                  .kind = KIND_ENVIRONMENT,
                                                  .id = object_id(KIND_ENVIRONMENT, tenant, name),
                                                  .meta = { .name = name, .tenant = tenant } } };
        Json json = { .out = &request->answer.body };
        Deployment deployment;
        int r = known_deployment(request, removed.object.id.text, &deployment, err);

        if (r == 0) /* no history: fails, and sets the error */
                return show_environment(request, name, err);
        return r < 0 ? r : entity_environment(request, &json, &removed, err);
}

int handle_environment(Request *request, Error *err)
{
        const char *name = request_parameter(request, "id");
        int r = request_as_of(request, err);

        if (r < 0)
                return r;
        if (request->as_of > 0 && !catalog_object(request->api->reconciler, KIND_ENVIRONMENT,
                                                  request_tenant(request), name))
                return show_removed(request, name, err);
        return show_environment(request, name, err);
}

int handle_history(Request *request, Error *err)
{
        const EnvironmentSpec *environment = environment_find(request, err);
        Json json = { .out = &request->answer.body };
        Deployments history;
        int64_t number;
        Page page;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_page(request, &page, &number, err);
        if (r >= 0)
                r = store_history(reconciler_store(request->api->reconciler),
                                  environment->object.id.text, &page, &request->arena, &history,
                                  err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < history.n; i++)
                entity_deployment(request, &json, &history.items[i]);
        json_end(&json, ']');
        return 0;
}

/* Finds the release that was deployed at a time. If there was none, *ret is empty. At time 0 there
 * was none. */
static int release_at(Request *request, const char *environment_id, usec_t at, Release *ret,
                      Error *err)
{
        Deployment deployment;
        int r;

        *ret = (Release){ 0 };
        if (at == 0)
                return 0;
        request->as_of = at;
        r = known_deployment(request, environment_id, &deployment, err);
        if (r <= 0 || !deployment.deployed_release_id)
                return r;
        return store_release(reconciler_store(request->api->reconciler),
                             deployment.deployed_release_id, &request->arena, ret, err);
}

/* Compares the releases that were deployed at two times. */
int handle_changes(Request *request, Error *err)
{
        const EnvironmentSpec *environment = environment_find(request, err);
        Json json = { .out = &request->answer.body };
        ReleaseDiff diff;
        Release a, b;
        usec_t from = 0, to = 0;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_time(request, "from", &from, err);
        if (r >= 0)
                r = request_time(request, "to", &to, err);
        if (r >= 0)
                r = release_at(request, environment->object.id.text, from, &a, err);
        if (r >= 0)
                r = release_at(request, environment->object.id.text, to > 0 ? to : time_wall(), &b,
                               err);
        if (r >= 0 && release_diff(&a.components, &b.components, &request->arena, &diff) < 0)
                r = error_oom(err);
        if (r < 0)
                return r;
        entity_diff(&json, NULL, a.name ? &a : NULL, b.name ? &b : NULL, &diff);
        return 0;
}

/* --- commands --------------------------------------------------------------------------------- */

int show_environment(Request *request, const char *id, Error *err)
{
        const Object *object = find_object(request, KIND_ENVIRONMENT, id, err);
        Json json = { .out = &request->answer.body };

        return object ? entity_environment(request, &json, (const EnvironmentSpec *)object, err)
                      : -ENOENT;
}

static int read_status(Request *request, const Node *body, DeploymentStatus *ret, Error *err)
{
        const char *text;
        int r;

        r = body_text(request, body, "status", false, &text, err);
        *ret = DEPLOYMENT_DEPLOYED;
        if (r < 0 || !text || streq(text, "deployed"))
                return r;
        *ret = DEPLOYMENT_FAILED;
        if (streq(text, "failed"))
                return 0;
        request->pointer = "/status";
        return error_set(err, ERROR_INVALID, -EINVAL, "body: status is deployed or failed");
}

int handle_confirm(Request *request, Error *err)
{
        static const char *const names[] = { "releaseId",   "promotionId", "status",
                                             "evidenceRef", "reason",      NULL };
        const EnvironmentSpec *environment = environment_find(request, err);
        ConfirmCommand command = { .actor = &request->actor };
        const Node *body;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = find_body_release(request, body, false, &command.release_id, err);
        if (r >= 0)
                r = body_promotion(request, body, &command.promotion_id, err);
        if (r >= 0)
                r = read_status(request, body, &command.status, err);
        if (r >= 0)
                r = body_text(request, body, "evidenceRef", false, &command.evidence_ref, err);
        if (r >= 0)
                r = body_reason(request, body, &command.reason, err);
        if (r >= 0)
                r = deployer_confirm(reconciler_deployer(request->api->reconciler),
                                     environment->object.id.text, &command, err);
        return r < 0 ? r : request_show_stored(request, environment->object.id.text);
}

typedef int (*ApprovalCommand)(Deployer *deployer, const char *environment_id,
                               const ApproveCommand *command, Approved *ret, Error *err);

static int approval_command(Request *request, ApprovalCommand command, const char *const *names,
                            Error *err)
{
        const EnvironmentSpec *environment = environment_find(request, err);
        ApproveCommand approve = { .actor = &request->actor, .arena = &request->arena };
        const Node *body;
        Approved approved;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = find_body_release(request, body, true, &approve.release_id, err);
        if (r >= 0)
                r = body_message(request, body, &approve.message, err);
        if (r >= 0)
                r = request_person(request, err);
        if (r >= 0)
                r = command(reconciler_deployer(request->api->reconciler),
                            environment->object.id.text, &approve, &approved, err);
        if (r < 0)
                return r;
        request->approved = &approved; /* only the answer to an approval has its members */
        (void)request_show_stored(request, environment->object.id.text);
        request->approved = NULL;
        return 0;
}

static const char *const verdict_members[] = { "releaseId", "message", NULL };

int handle_approve(Request *request, Error *err)
{
        return approval_command(request, deployer_approve, verdict_members, err);
}

int handle_reject(Request *request, Error *err)
{
        return approval_command(request, deployer_reject, verdict_members, err);
}

int handle_withdraw(Request *request, Error *err)
{
        static const char *const names[] = { "releaseId", NULL };

        return approval_command(request, deployer_withdraw, names, err);
}

/* A command for an environment that takes a reason. */
typedef int (*ReasonCommand)(Deployer *deployer, const char *environment_id, const char *reason,
                             const Actor *actor, Error *err);

static int environment_command(Request *request, ReasonCommand command, Error *err)
{
        static const char *const names[] = { "reason", NULL };
        const EnvironmentSpec *environment = environment_find(request, err);
        const char *reason;
        const Node *body;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_reason(request, body, &reason, err);
        if (r >= 0)
                r = find_promoter(request, environment, err);
        if (r >= 0)
                r = command(reconciler_deployer(request->api->reconciler),
                            environment->object.id.text, reason, &request->actor, err);
        return r < 0 ? r : request_show_stored(request, environment->object.id.text);
}

int handle_hold(Request *request, Error *err)
{
        return environment_command(request, deployer_hold, err);
}

int handle_cancel(Request *request, Error *err)
{
        return environment_command(request, deployer_cancel, err);
}

int handle_resume(Request *request, Error *err)
{
        const EnvironmentSpec *environment = environment_find(request, err);
        int r;

        if (!environment)
                return -ENOENT;
        r = find_promoter(request, environment, err);
        if (r >= 0)
                r = deployer_resume(reconciler_deployer(request->api->reconciler),
                                    environment->object.id.text, &request->actor, err);
        return r < 0 ? r : request_show_stored(request, environment->object.id.text);
}

/* May be called before the request is suspended. */
static void on_pruned(size_t n_removed, void *userdata)
{
        Request *request = userdata;

        (void)request_answer_stored(request, "{\"removed\":%zu}\n", n_removed);
        if (request->is_suspended)
                request_resume(request);
}

static void prune_cancel(void *waiter)
{
        (void)prune_waiter_cancel(waiter); /* returns NULL */
}

/* Answers after relmand has loaded the specs again. */
int handle_confirm_prune(Request *request, Error *err)
{
        PruneWaiter *waiter = NULL;
        int r;

        r = command_note(request->api->reconciler, request_tenant(request), &request->actor, err);
        if (r >= 0)
                r = reconciler_confirm_prune(request->api->reconciler,
                                             &(PruneCommand){ on_pruned, request }, &waiter, err);
        if (r >= 0 && waiter)
                request_suspend(request, prune_cancel, waiter);
        return r;
}
