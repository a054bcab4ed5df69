/* Verbs that change releases and environments. */

#include "ctl/promotion/promote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "ctl/diff.h"

#define WAIT_STEP  (200 * USEC_PER_MSEC)
#define WAIT_STEPS 1500 /* five minutes */

/* Prints "; waits for ...", with the name of the release unless it is `named`, the release of the
 * previous message. */
static void print_pending(const Node *environment, const char *named)
{
        const Node *pending = node_map(environment, "pending");
        const char *release = node_text(pending, "release");

        if (pending->n == 0)
                return;
        if (streq(release, named))
                printf("; waits for %s", node_text(pending, "waitsFor"));
        else
                printf("; release '%s' waits for %s", release, node_text(pending, "waitsFor"));
}

void print_environment(const CtlOptions *options, const Node *environment)
{
        const Node *state = node_get(environment, "state"), *hold = node_map(environment, "hold");

        if (ctl_print_name(options, "environment", node_text(environment, "name")))
                return;
        printf("environment '%s': ", node_text(environment, "name"));
        if (state && state->type == NODE_MAPPING)
                printf("release '%s' is %s", node_text(state, "release"),
                       node_text(state, "status"));
        else
                printf("nothing is deployed");
        if (ctl_is_on_hold(environment))
                printf("; on hold: %s, by %s", node_text(hold, "reason"), node_text(hold, "by"));
        print_pending(environment, node_text(state, "release"));
        printf("\n");
}

const AnswerShape environment_shape = { .members = { "name" } };
static const AnswerShape release_shape = { .members = { "name", "status" } };

/* --- waiting ---------------------------------------------------------------------------------- */

static int get_environment(CtlOptions *options, const char *name, ClientAnswer *ret, Error *err)
{
        const char *const parts[] = { "/environments/", name, NULL };

        return ctl_fetch(options, ctl_path(options, parts), ret, err);
}

/* Prints what the environment waits for, unless the text is equal to last. Returns the text that
 * was printed last. */
static const char *print_waiting(const Node *pending, const char *last)
{
        const char *waits_for = node_text(pending, "waitsFor");

        if (!last || !streq(waits_for, last))
                (void)fprintf(stderr, "waiting: release '%s' waits for %s\n",
                              node_text(pending, "release"), waits_for);
        return waits_for;
}

/* True if node, the state or pending of an environment, has the release. release: a name or an
 * id. */
static bool has_release(const Node *node, const char *release)
{
        return streq(node_text(node, "release"), release) ||
               streq(node_text(node, "releaseId"), release);
}

/* True if the release is deployed, and only another one is pending. */
static bool only_another_is_pending(const Node *environment, const char *release)
{
        const Node *state = node_map(environment, "state");

        return has_release(state, release) && streq(node_text(state, "status"), "deployed") &&
               !has_release(node_map(environment, "pending"), release);
}

/* Waits until nothing is pending, or until the wanted release is deployed and only another one is
 * pending. Returns CTL_OK, or CTL_WAITS if another person must act or five minutes have passed.
 * Prints to stderr what the environment waits for, and prints it again after each change. wanted:
 * name or id of a release, or NULL for any release. ret: the last answer. */
static int wait_for(CtlOptions *options, const char *name, const char *wanted, ClientAnswer *ret,
                    Error *err)
{
        const char *printed = NULL;

        for (unsigned i = 0;; i++) {
                const Node *pending = node_map(ret->json, "pending");
                int r;

                if (pending->n == 0 || (wanted && only_another_is_pending(ret->json, wanted)))
                        return CTL_OK;
                if (streq(node_text(pending, "needsAction"), "true") || i == WAIT_STEPS)
                        return CTL_WAITS;
                printed = print_waiting(pending, printed);
                (void)usleep(WAIT_STEP); /* a signal only shortens this pause */
                r = get_environment(options, name, ret, err);
                if (r < 0)
                        return r;
        }
}

/* Sends POST /environments/NAME/ACTION. The environment is the last name. */
static int ask(CtlOptions *options, const char *action, const char *const *members,
               ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/environments/", options->names[options->n_names - 1],
                                      action, NULL };

        options->status = NULL; /* the status is a member of the body, not a filter */
        return ctl_post(options, ctl_path(options, parts), ctl_body(options, members), ret,
                        ret_printed, err);
}

static int act(CtlOptions *options, const char *action, const char *const *members, Error *err)
{
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r = ask(options, action, members, &answer, &printed, err);

        if (r >= 0 && options->wait)
                r = wait_for(options, options->names[options->n_names - 1], NULL, &answer, err);
        if (r >= 0 && !printed)
                print_environment(options, answer.json);
        return r;
}

int in_order(const CtlCall *call, CtlOptions *options, OrderedVerb verb, ClientAnswer *ret,
             bool *ret_printed, Error *err)
{
        _cleanup_(error_done) Error unfit = { 0 };
        const AnswerShape *shape = ret->shape;
        ClientAnswer environment = { .shape = &environment_shape };
        char *names[2];
        int r = verb(options, ret, ret_printed, err);

        if (r >= 0 || err->kind != ERROR_NOT_FOUND || options->n_names < 2 ||
            get_environment(options, options->names[0], &environment, &unfit) < 0)
                return r;
        (void)fprintf(stderr, "hint: the order is relmanctl %s RELEASE ENVIRONMENT\n",
                      call->verb->name);
        names[0] = options->names[1];
        names[1] = options->names[0];
        memcpy(options->names, names, sizeof(names));
        error_done(err);
        *ret = (ClientAnswer){ .shape = shape };
        return verb(options, ret, ret_printed, err);
}

static int ask_confirm(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const members[] = {
                "releaseId",   options->n_names > 1 ? options->names[0] : NULL,
                "promotionId", options->promotion,
                "status",      options->status,
                "evidenceRef", options->evidence,
                "reason",      options->reason,
                NULL
        };

        return ask(options, "/confirm", members, ret, ret_printed, err);
}

int verb_confirm(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "status", "promotion", "evidence", "reason",
                                                     NULL };
        const CtlTakes takes = {
                takes_options, 1, 2,
                "[RELEASE] ENVIRONMENT [--status deployed|failed] [--promotion ID] "
                "[--evidence REF] [--reason TEXT]"
        };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = in_order(call, &options, ask_confirm, &answer, &printed, err);
        if (r >= 0 && !printed)
                print_environment(&options, answer.json);
        return r;
}

/* True if approvals of the release are still missing. */
static bool approvals_are_missing(const Node *environment)
{
        return node_text(node_map(environment, "approval"), "waitsFor")[0] != '\0';
}

/* Prints which approvals are missing. relmand reports them only for the release that is promoted
 * next. */
static void print_approvals_missing(const CtlOptions *options, const Node *environment,
                                    const Node *pending)
{
        const char *release = options->names[0];

        if (approvals_are_missing(environment) && !has_release(pending, release))
                printf("; waits for %s (relmanctl approve %s %s)",
                       node_text(node_map(environment, "approval"), "waitsFor"), release,
                       node_text(environment, "name"));
}

/* Prints the result of an approval. pending_of: the environment as read last. */
static void print_approval(const CtlOptions *options, const Node *environment,
                           const Node *pending_of)
{
        const Node *approval = node_map(environment, "approval");
        const char *person = node_text(approval, "person");

        if (approval->n == 0) { /* a repeated answer, for an idempotency key that was used before */
                print_environment(options, environment);
                return;
        }
        if (ctl_print_name(options, "environment", node_text(environment, "name")))
                return;
        printf("environment '%s': release '%s' has %s of %s approvals; %s%s",
               node_text(environment, "name"), options->names[0], node_text(approval, "given"),
               node_text(approval, "required"), person,
               options->withdraw ? "'s approval was withdrawn"
               : streq(node_text(approval, "alreadyCounted"), "true")
                       ? "'s approval was already counted"
                       : " has approved it");
        print_approvals_missing(options, environment, node_map(pending_of, "pending"));
        print_pending(pending_of, options->names[0]);
        printf("\n");
}

static int ask_approve(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const members[] = { "releaseId", options->names[0], "message", options->message,
                                        NULL };

        return ask(options, options->withdraw ? "/withdraw" : "/approve", members, ret, ret_printed,
                   err);
}

int verb_approve(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "wait", "withdraw", "message", NULL };
        const CtlTakes takes = { takes_options, 2, 2,
                                 "RELEASE ENVIRONMENT [--message TEXT] [--wait | --withdraw]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &environment_shape }, last;
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.wait && options.withdraw)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--wait waits for a promotion: it does not go with --withdraw");
        if (r >= 0 && options.message && options.withdraw)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--message is stored with an approval: it does not go with "
                              "--withdraw");
        if (r >= 0)
                r = in_order(call, &options, ask_approve, &answer, &printed, err);
        last = answer;
        if (r >= 0 && options.wait)
                r = approvals_are_missing(answer.json)
                            ? CTL_WAITS
                            : wait_for(&options, options.names[1], options.names[0], &last, err);
        if (r >= 0 && !printed)
                print_approval(&options, answer.json, last.json);
        return r;
}

static int ask_reject(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const members[] = { "releaseId", options->names[0], "message", options->message,
                                        NULL };

        return ask(options, "/reject", members, ret, ret_printed, err);
}

int verb_reject(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "message", NULL };
        const CtlTakes takes = { takes_options, 2, 2, "RELEASE ENVIRONMENT [--message TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &environment_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = in_order(call, &options, ask_reject, &answer, &printed, err);
        if (r < 0 || printed ||
            ctl_print_name(&options, "environment", node_text(answer.json, "name")))
                return r;
        printf("environment '%s': release '%s' is rejected, its approvals were removed; it needs "
               "the required approvals again\n",
               node_text(answer.json, "name"), options.names[0]);
        return 0;
}

int verb_hold(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "ENVIRONMENT [--reason TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer before = { .shape = &environment_shape };
        const Node *hold;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = get_environment(&options, options.names[0], &before, err);
        if (r >= 0) {
                const char *const members[] = { "reason", options.reason, NULL };

                r = act(&options, "/hold", members, err);
        }
        hold = r >= 0 ? node_map(before.json, "hold") : NULL;
        if (hold && hold->n > 0 && options.reason && ctl_is_table(&options))
                printf("this replaces the hold of %s, by %s: %s\n", node_text(hold, "since"),
                       node_text(hold, "by"), node_text(hold, "reason"));
        return r;
}

int verb_resume(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "wait", NULL }, *const none[] = { NULL };
        const CtlTakes takes = { takes_options, 1, 1, "ENVIRONMENT [--wait]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        return r < 0 ? r : act(&options, "/resume", none, err);
}

int verb_cancel(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "ENVIRONMENT [--reason TEXT]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0) {
                const char *const members[] = { "reason", options.reason, NULL };

                r = act(&options, "/cancel", members, err);
        }
        return r;
}

/* --- releases --------------------------------------------------------------------------------- */

/* Prints the environments that keep the release. */
static int print_places(CtlOptions *options, Error *err)
{
        static const AnswerShape shape = { .members = { "environments[]" } };
        const char *const parts[] = { "/releases/", options->names[0], "/state", NULL };
        ClientAnswer answer = { .shape = &shape };
        const Node *list;
        int r;

        r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
        if (r < 0)
                return r;
        list = node_list(answer.json, "environments");
        for (size_t i = 0; i < list->n; i++)
                printf("it stays in environment '%s' until another release is promoted there\n",
                       node_text(list->items[i], "environment"));
        return 0;
}

static int print_ended(CtlOptions *options, const Node *release, Error *err)
{
        const char *name = node_text(release, "name"), *status = node_text(release, "status");
        bool deprecated = streq(status, "deprecated");

        if (ctl_print_name(options, "release", name))
                return 0;
        printf("release '%s' is %s%s\n", name, status,
               deprecated ? ": it can no longer be promoted; this cannot be undone" : "");
        return deprecated ? print_places(options, err) : 0;
}

static int end_release(const CtlCall *call, const CtlTakes *takes, const char *action, Error *err)
{
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &release_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, takes, &options, err);
        if (r >= 0) {
                const char *const parts[] = { "/releases/", options.names[0], action, NULL };
                const char *const members[] = { "reason", options.reason, NULL };

                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, members),
                             &answer, &printed, err);
        }
        return r < 0 || printed ? r : print_ended(&options, answer.json, err);
}

int verb_deprecate(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "reason", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "RELEASE [--reason TEXT]" };

        return end_release(call, &takes, "/deprecate", err);
}

int verb_archive(const CtlCall *call, Error *err)
{
        const CtlTakes takes = { NULL, 1, 1, "RELEASE" };

        return end_release(call, &takes, "/archive", err);
}

/* --- promotion -------------------------------------------------------------------------------- */

static int ask_promote(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        const char *const parts[] = { "/releases/", options->names[0], "/promote", NULL };
        const char *const members[] = { "environmentId", options->names[1], "reason",
                                        options->reason, NULL };
        const char *body = ctl_body(options, members);

        if (body) /* replaces the closing brace of the body, to add members that are not text */
                body = arena_printf(&options->arena, "%.*s%s%s%s}", (int)strlen(body) - 1, body,
                                    options->allow_removals ? ",\"allowRemovals\":true" : "",
                                    options->force ? ",\"force\":true" : "",
                                    options->dry_run ? ",\"dryRun\":true" : "");
        return ctl_post(options, ctl_path(options, parts), body, ret, ret_printed, err);
}

/* Prints the digests of a forced promotion about which no registry has answered. */
static void print_unchecked(const Node *promotion)
{
        const char *unchecked = node_text(promotion, "unchecked");

        if (unchecked[0])
                printf("digests are not checked: %s\n", unchecked);
}

/* Prints the result of a dry run. If relmand would refuse the promotion, returns the same error as
 * the promotion. */
static int print_dry_run(CtlOptions *options, const Node *release, bool printed, Error *err)
{
        const Node *promotion = node_map(release, "promotion");
        const char *refusal = node_text(promotion, "refusal");
        int r = 0;

        if (!printed && !ctl_print_name(options, "release", node_text(release, "name"))) {
                printf("dry run: release '%s' would %sbe promoted to environment '%s'\n",
                       node_text(release, "name"), refusal[0] ? "not " : "",
                       node_text(promotion, "environment"));
                print_unchecked(promotion);
                r = diff_print(options, node_map(promotion, "changes"), false, err);
        }
        if (r >= 0 && refusal[0])
                r = error_set(err, ERROR_CONFLICT, -EREMOTEIO, "%s", refusal);
        return r;
}

/* Prints the result of a promotion. Mentions the hold only if the environment followed a stream or
 * another environment before. */
static int print_promoted(CtlOptions *options, const Node *release, const Node *environment,
                          Error *err)
{
        const Node *promotion = node_map(release, "promotion");
        const Node *state = node_map(environment, "state");
        const char *stream = node_text(environment, "stream");

        if (ctl_print_name(options, "release", node_text(release, "name")))
                return 0;
        printf("environment '%s': release '%s' is %s", node_text(environment, "name"),
               node_text(state, "release"), node_text(state, "status"));
        print_pending(environment, node_text(state, "release"));
        printf("\n");
        if (ctl_is_on_hold(environment))
                printf("it does not follow %s '%s' until relmanctl resume %s\n",
                       stream[0] ? "stream" : "environment",
                       stream[0] ? stream : node_text(environment, "follows"),
                       node_text(environment, "name"));
        print_unchecked(promotion);
        if (promotion->n == 0) /* a repeated answer, for an idempotency key that was used before */
                return 0;
        return diff_print(options, node_map(promotion, "changes"), false, err);
}

/* Returns an error if the wait ended with another release or with a failure. Then somebody has
 * canceled the promotion, promoted another release, or confirmed that this release failed. */
static int promote_outcome(const Node *release, const Node *environment, Error *err)
{
        const Node *state = node_map(environment, "state");
        const char *wanted = node_text(release, "name"), *name = node_text(state, "release");

        if (streq(name, wanted) && streq(node_text(state, "status"), "deployed"))
                return CTL_OK;
        if (streq(name, wanted))
                return error_set(err, ERROR_CONFLICT, -EREMOTEIO,
                                 "release '%s' is %s in environment '%s'; relmanctl history %s "
                                 "shows why",
                                 wanted, node_text(state, "status"), node_text(environment, "name"),
                                 node_text(environment, "name"));
        return error_set(err, ERROR_CONFLICT, -EREMOTEIO,
                         "release '%s' is not deployed: environment '%s' has %s%s%s; relmanctl "
                         "history %s shows why",
                         wanted, node_text(environment, "name"), name[0] ? "release '" : "none",
                         name, name[0] ? "'" : "", node_text(environment, "name"));
}

/* Prints the result of a promotion, and with --wait waits for its end. */
static int finish_promotion(CtlOptions *options, const Node *release, bool printed, Error *err)
{
        ClientAnswer environment = { .shape = &environment_shape };
        int r, waited = CTL_OK;

        r = get_environment(options, options->names[1], &environment, err);
        if (r >= 0 && options->wait)
                r = waited = wait_for(options, options->names[1], node_text(release, "name"),
                                      &environment, err);
        if (r >= 0 && !printed)
                r = print_promoted(options, release, environment.json, err);
        if (r >= 0 && options->wait && waited == CTL_OK)
                r = promote_outcome(release, environment.json, err);
        return r < 0 ? r : waited;
}

int promote_release(CtlOptions *options, Error *err)
{
        ClientAnswer answer = { .shape = &release_shape };
        bool printed = false;
        int r = ask_promote(options, &answer, &printed, err);

        return r < 0 ? r : finish_promotion(options, answer.json, printed, err);
}

int verb_promote(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "wait",  "reason",  "allow-removals",
                                                     "force", "dry-run", NULL };
        const CtlTakes takes = { takes_options, 2, 2,
                                 "RELEASE ENVIRONMENT [--reason TEXT] [--allow-removals] "
                                 "[--force] [--dry-run | --wait]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &release_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.dry_run && options.wait)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--wait waits for a promotion; --dry-run promotes nothing");
        if (r >= 0)
                r = in_order(call, &options, ask_promote, &answer, &printed, err);
        if (r >= 0 && options.dry_run)
                return print_dry_run(&options, answer.json, printed, err);
        return r < 0 ? r : finish_promotion(&options, answer.json, printed, err);
}

int verb_confirm_prune(const CtlCall *call, Error *err)
{
        static const char *const parts[] = { "/specs/confirm-prune", NULL };
        static const char *const none[] = { NULL };
        static const AnswerShape shape = { .members = { "removed" } };
        const CtlTakes takes = { NULL, 0, 0, "" };
        _cleanup_(ctl_options_done) CtlOptions options;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = ctl_post(&options, ctl_path(&options, parts), ctl_body(&options, none), &answer,
                             &printed, err);
        if (r >= 0 && !printed)
                printf("%s object%s removed\n", node_text(answer.json, "removed"),
                       ctl_plural(node_text(answer.json, "removed")));
        return r;
}
