/* What people do with releases and environments. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/options.h"

#define WAIT_STEP  (200 * USEC_PER_MSEC)
#define WAIT_STEPS 1500 /* five minutes */

static void print_environment(const CtlOptions *options, const Node *environment)
{
        const Node *state = node_get(environment, "state"), *hold = node_get(environment, "hold");

        if (ctl_said_name(options, "environment", node_text(environment, "name")))
                return;
        printf("environment '%s': ", node_text(environment, "name"));
        if (state && state->type == NODE_MAPPING)
                printf("release '%s' is %s", node_text(state, "release"),
                       node_text(state, "status"));
        else
                printf("nothing is deployed");
        if (hold && hold->type == NODE_MAPPING)
                printf("; on hold: %s, by %s", node_text(hold, "reason"), node_text(hold, "by"));
        printf("\n");
}

static const AnswerShape environment_shape = { .members = { "name" } };
static const AnswerShape release_shape = { .members = { "name", "status" } };

/* POST /environments/NAME/ACTION */
static int ask(CtlOptions *options, const char *action, const char *const *members,
               ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[0], action, NULL };

        options->status = NULL; /* a member here, no filter */
        return ctl_post(options, ctl_path(options, parts), ctl_body(options, members), ret,
                        ret_printed, err);
}

static int act(CtlOptions *options, const char *action, const char *const *members, Error *err)
{
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r = ask(options, action, members, &answer, &printed, err);

        if (r >= 0 && !printed)
                print_environment(options, answer.json);
        return r;
}

int verb_confirm(int argc, char **argv, Error *err)
{
        static const char *const takes_options[] = { "status", "evidence", "reason", NULL };
        const CtlTakes takes = {
                takes_options, 1, 2,
                "ENVIRONMENT [RELEASE] [--status deployed|failed] [--evidence REF] "
                "[--reason TEXT]"
        };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        if (r >= 0) {
                const char *const members[] = {
                        "releaseId",   options.n_names > 1 ? options.names[1] : NULL,
                        "status",      options.status,
                        "evidenceRef", options.evidence,
                        "reason",      options.reason,
                        NULL
                };

                r = act(&options, "/confirm", members, err);
        }
        return r;
}

static void print_approval(const CtlOptions *options, const Node *environment)
{
        const Node *approval = node_map(environment, "approval");
        const char *person = node_text(approval, "person");

        if (approval->n == 0) { /* the answer to an earlier request of the same key */
                print_environment(options, environment);
                return;
        }
        if (ctl_said_name(options, "environment", node_text(environment, "name")))
                return;
        printf("environment '%s': release '%s' has %s of %s approvals; %s%s\n",
               node_text(environment, "name"), options->names[1], node_text(approval, "given"),
               node_text(approval, "required"), person,
               streq(node_text(approval, "alreadyCounted"), "true")
                       ? "'s approval was already counted"
                       : " has approved it");
}

int verb_approve(int argc, char **argv, Error *err)
{
        const CtlTakes takes = { NULL, 2, 2, "ENVIRONMENT RELEASE" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        if (r >= 0) {
                const char *const members[] = { "releaseId", options.names[1], NULL };

                r = ask(&options, "/approve", members, &answer, &printed, err);
        }
        if (r >= 0 && !printed)
                print_approval(&options, answer.json);
        return r;
}

int verb_hold(int argc, char **argv, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "ENVIRONMENT [--reason TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        if (r >= 0) {
                const char *const members[] = { "reason", options.reason, NULL };

                r = act(&options, "/hold", members, err);
        }
        return r;
}

int verb_resume(int argc, char **argv, Error *err)
{
        static const char *const none[] = { NULL };
        const CtlTakes takes = { NULL, 1, 1, "ENVIRONMENT" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        return r < 0 ? r : act(&options, "/resume", none, err);
}

/* --- releases --------------------------------------------------------------------------------- */

static int end_release(int argc, char **argv, const CtlTakes *takes, const char *action, Error *err)
{
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &release_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(argc, argv, takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", options.names[0], action, NULL };
                const char *const members[] = { "reason", options.reason, NULL };

                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, members),
                             &answer, &printed, err);
        }
        if (r >= 0 && !printed &&
            !ctl_said_name(&options, "release", node_text(answer.json, "name")))
                printf("release '%s' is %s\n", node_text(answer.json, "name"),
                       node_text(answer.json, "status"));
        return r;
}

int verb_deprecate(int argc, char **argv, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "RELEASE [--reason TEXT]" };

        return end_release(argc, argv, &takes, "/deprecate", err);
}

int verb_archive(int argc, char **argv, Error *err)
{
        const CtlTakes takes = { NULL, 1, 1, "RELEASE" };

        return end_release(argc, argv, &takes, "/archive", err);
}

/* --- promotion -------------------------------------------------------------------------------- */

/* 1: it is there, in the lockfile at least; 0: not yet. What went wrong is an error. */
static int is_there(CtlOptions *options, const char *release_id, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[1], NULL };
        const char *path = ctl_path(options, parts);
        const Node *state, *conditions;
        ClientAnswer answer = { .shape = &environment_shape };
        int r;

        if (!path)
                return error_oom(err);
        r = client_call(&options->place, &(ClientRequest){ .method = HTTP_GET, .path = path },
                        &options->arena, &answer, err);
        if (r < 0)
                return r;
        state = node_get(answer.json, "state");
        if (streq(node_text(state, "releaseId"), release_id))
                return 1;
        conditions = node_list(answer.json, "conditions");
        for (size_t i = 0; i < conditions->n; i++) {
                const Node *condition = conditions->items[i];
                const char *reason = node_text(condition, "reason");

                if (streq(node_text(condition, "type"), "Ready") &&
                    (streq(reason, "DigestGone") || streq(reason, "Unreachable") ||
                     streq(reason, "LockNotWritten")))
                        return error_set(err, ERROR_CONFLICT, -EIO, "%s",
                                         node_text(condition, "message"));
        }
        return 0;
}

static int wait_for(CtlOptions *options, const char *release_id, Error *err)
{
        for (unsigned i = 0; i < WAIT_STEPS && release_id[0]; i++) {
                int r = is_there(options, release_id, err);

                if (r != 0)
                        return MIN(r, 0);
                (void)usleep(WAIT_STEP); /* a signal only shortens it */
        }
        if (!release_id[0])
                return error_set(
                        err, ERROR_INTERNAL, -EBADMSG,
                        "the release is on its way, but relmand does not give its id to wait "
                        "for; is relmanctl of the same version?");
        return error_set(err, ERROR_UNREACHABLE, -ETIMEDOUT,
                         "the release is not there after five minutes; see relmanctl get "
                         "environments");
}

int verb_promote(int argc, char **argv, Error *err)
{
        static const char *const takes_options[] = { "wait", NULL };
        const CtlTakes takes = { takes_options, 2, 2, "RELEASE ENVIRONMENT [--wait]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &release_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", options.names[0], "/promote", NULL };
                const char *const members[] = { "environmentId", options.names[1], NULL };

                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, members),
                             &answer, &printed, err);
        }
        if (r >= 0 && options.wait)
                r = wait_for(&options, node_text(answer.json, "id"), err);
        if (r >= 0 && !printed &&
            !ctl_said_name(&options, "release", node_text(answer.json, "name")))
                printf("release '%s' %s environment '%s'\n", node_text(answer.json, "name"),
                       options.wait ? "is in" : "is on its way to", options.names[1]);
        return r;
}

int verb_confirm_prune(int argc, char **argv, Error *err)
{
        static const char *const parts[] = { "/specs/confirm-prune", NULL };
        static const char *const none[] = { NULL };
        static const AnswerShape shape = { .members = { "removed" } };
        const CtlTakes takes = { NULL, 0, 0, "" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        if (r >= 0)
                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, none), &answer,
                             &printed, err);
        if (r >= 0 && !printed)
                printf("%s objects removed\n", node_text(answer.json, "removed"));
        return r;
}
