/* Promotes, deprecates and archives releases. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/access.h"
#include "api/lookup.h"

/* May be called before the request is suspended. */
static void on_promoted(const Promoted *promoted, const Error *error, void *userdata)
{
        Request *request = userdata;
        _cleanup_(error_done) Error unshown = { 0 };

        request->promoted = promoted; /* only this answer shows the promotion */
        if (error)
                request_fail(request, error);
        else if (!promoted->dry_run)
                (void)request_show_stored(request, request->subject);
        else if (request_show(request, request->subject, &unshown) < 0)
                request_fail(request, &unshown);
        else
                request->answer.status = 200; /* a dry run starts nothing, so not 202 */
        request->promoted = NULL;
        if (request->is_suspended)
                request_resume(request);
}

static void release_promote_cancel(void *promoting)
{
        (void)promoting_cancel(promoting); /* returns NULL */
}

static bool on_still_needed(void *userdata)
{
        const Request *request = userdata;

        return connection_is_open(request->connection);
}

static int read_promotion(Request *request, const char **ret_environment, PromoteCommand *ret,
                          Error *err)
{
        static const char *const names[] = { "environmentId", "reason", "allowRemovals",
                                             "force",         "dryRun", NULL };
        const Node *body;
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_text(request, body, "environmentId", true, ret_environment, err);
        if (r >= 0)
                r = body_reason(request, body, &ret->reason, err);
        if (r >= 0)
                r = body_bool(request, body, "allowRemovals", &ret->allow_removals, err);
        if (r >= 0)
                r = body_bool(request, body, "force", &ret->force, err);
        return r < 0 ? r : body_bool(request, body, "dryRun", &ret->dry_run, err);
}

int handle_promote(Request *request, Error *err)
{
        PromoteCommand command = { .actor = &request->actor,
                                   .done = on_promoted,
                                   .is_wanted = on_still_needed,
                                   .userdata = request };
        Promoting *promoting = NULL;
        const Object *environment;
        const char *wanted;
        Release release;
        int r;

        r = read_promotion(request, &wanted, &command, err);
        request->is_recorded =
                command.dry_run; /* a dry run changes nothing, so it needs no audit row */
        if (r >= 0)
                r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r < 0)
                return r;
        environment = find_object(request, KIND_ENVIRONMENT, wanted, err);
        if (!environment)
                return -ENOENT;
        request->subject = arena_strdup(&request->arena, release.id.text);
        if (!request->subject)
                return error_oom(err);
        r = find_promoter(request, (const EnvironmentSpec *)environment, err);
        if (r < 0)
                return r;
        r = deployer_promote(reconciler_deployer(request->api->reconciler), environment->id.text,
                             request->subject, &command, &promoting, err);
        if (r >= 0 && promoting)
                request_suspend(request, release_promote_cancel, promoting);
        return r;
}

int handle_deprecate(Request *request, Error *err)
{
        static const char *const names[] = { "reason", NULL };
        const char *reason;
        const Node *body;
        Release release = { 0 };
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_reason(request, body, &reason, err);
        if (r >= 0)
                r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r >= 0)
                r = command_deprecate(request->api->reconciler, release.id.text, reason,
                                      &request->actor, err);
        return r < 0 ? r : request_show_stored(request, release.id.text);
}

int handle_archive(Request *request, Error *err)
{
        Release release;
        int r;

        r = find_release(request, request_parameter(request, "id"), &release, err);
        if (r >= 0)
                r = command_archive(request->api->reconciler, release.id.text, &request->actor,
                                    err);
        return r < 0 ? r : request_show_stored(request, release.id.text);
}
