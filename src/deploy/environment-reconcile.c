/* One look at an environment: which release is to be there, what stands against it, and what
 * follows. All that a look decides is stored in one transaction.
 *
 * A check of digests takes its time, and everything may change meanwhile. So every look decides
 * anew: it drops a check that is of no use any more, and when the check ends a last look decides
 * with the rows as they are then. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "deploy/environment-wanted.h"

#define ENVIRONMENT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY                 (30 * USEC_PER_SEC)
#define RETRY_GONE            (5 * USEC_PER_MIN)
#define RETRY_WINDOWS         (5 * USEC_PER_MIN)

/* A release that the spec names ends what people said before: it must not come back when the spec
 * follows a stream again. That it is to be tried again has an end when it is there. */
static void end_hold(EnvironmentState *environment, const Wanted *wanted,
                     PromotionDecision decision, Changes *changes)
{
        if (wanted->has_hold && environment->spec->release && wanted->has_release &&
            (decision == PROMOTION_NONE ||
             !str_equal(wanted->hold.release_id, wanted->release.id.text)))
                changes_delete_hold(changes, environment->id.text);
}

static void say_hold(EnvironmentState *environment, const Wanted *wanted, Changes *changes)
{
        const Hold *hold = &wanted->hold;

        if (wanted->on_hold && environment->spec->stream)
                report_condition(
                        changes, environment_subject(environment),
                        (Told){ CONDITION_HELD, CONDITION_TRUE,
                                wanted->is_fallback ? "DeploymentFailed" : "OnHold", hold->since },
                        "does not follow stream '%s': %s, by %s; relmanctl resume %s ends it",
                        environment->spec->stream, hold->reason, hold->by,
                        environment->spec->object.meta.name);
        else
                changes_clear_condition(changes, KIND_ENVIRONMENT, environment->id.text,
                                        CONDITION_HELD);
}

/* --- one look --------------------------------------------------------------------------------- */

typedef struct Look {
        EnvironmentState *environment;
        const char *checked; /* release whose digests have just been found; NULL: none */
        Wanted wanted;
        PromotionInput input;
        Promotion promotion;
        EnvironmentNews news; /* message is NULL: none */
        Changes changes;
        Arena arena;
} Look;

static void look_init(Look *look, EnvironmentState *environment)
{
        *look = (Look){ .environment = environment };
        changes_init(&look->changes);
        arena_init(&look->arena, ENVIRONMENT_ARENA_MAX);
}

static void look_done(Look *look)
{
        changes_done(&look->changes);
        arena_done(&look->arena);
}

static int look_say(Look *look, EnvironmentNews news, Error *err)
{
        if (!news.message)
                return error_oom(err);
        look->news = news;
        environment_say(look->environment, &look->news, &look->changes);
        return 0;
}

static FilesState look_files(const Look *look, const char **ret_problem)
{
        const Control *control = look->environment->deployer->control;

        return control->calls->files_state(control->userdata, look->input.deployment, ret_problem);
}

/* What was promoted is there when its files are written, and somebody or relmand confirmed that. */
static int look_say_promoting(Look *look, Error *err)
{
        const char *name = look->environment->spec->object.meta.name;
        const char *release = look->input.deployment->release_name;
        Arena *arena = &look->arena;
        EnvironmentNews news = { .reason = "Promoting" };
        const char *problem = NULL;

        switch (look_files(look, &problem)) {
        case FILES_DUE:
                news.message = arena_printf(
                        arena, "release '%s' was promoted; its lockfile is written next", release);
                break;
        case FILES_FAILED:
                news.reason = "LockNotWritten";
                news.failed = true;
                news.message = arena_printf(arena,
                                            "release '%s' was promoted, but its lockfile could not "
                                            "be written, which is tried again: %s",
                                            release, problem ? problem : "out of memory");
                break;
        case FILES_WRITTEN:
                news.message = arena_printf(arena,
                                            "release '%s' is in the lockfile and waits for its "
                                            "confirmation (relmanctl confirm %s)",
                                            release, name);
                break;
        }
        return look_say(look, news, err);
}

/* What it is at. */
static int look_say_state(Look *look, Error *err)
{
        const Deployment *deployment = look->input.deployment;
        Arena *arena = &look->arena;
        char at[TIME_TEXT_SIZE];

        if (!deployment)
                return look_say(look,
                                (EnvironmentNews){ .reason = "Empty",
                                                   .message = "nothing is deployed here, and "
                                                              "nothing is wanted" },
                                err);
        switch (deployment->status) {
        case DEPLOYMENT_PROMOTING: return look_say_promoting(look, err);
        case DEPLOYMENT_FAILED:
                return look_say(look,
                                (EnvironmentNews){
                                        .reason = "DeploymentFailed",
                                        .failed = true,
                                        .message = arena_printf(arena, "release '%s' failed here",
                                                                deployment->release_name) },
                                err);
        case DEPLOYMENT_DEPLOYED:
        case DEPLOYMENT_CANCELED: /* never what is there */
        case DEPLOYMENT_STATUS_MAX_: break;
        }
        return look_say(
                look,
                (EnvironmentNews){ .reason = "Deployed",
                                   .is_ready = true,
                                   .message = arena_printf(arena, "release '%s' since %s, by %s",
                                                           deployment->release_name,
                                                           time_format(deployment->at, at),
                                                           deployment->by) },
                err);
}

/* What waits is told with what is there meanwhile. */
static int look_say_waiting(Look *look, Error *err)
{
        const Deployment *deployment = look->input.deployment;
        const Promotion *promotion = &look->promotion;
        const char *message = promotion->message;

        if (deployment && deployment->status != DEPLOYMENT_FAILED)
                message = arena_printf(&look->arena, "%s; release '%s' stays", promotion->message,
                                       deployment->release_name);
        return look_say(look,
                        (EnvironmentNews){ .reason = promotion->reason,
                                           .failed = promotion->decision == PROMOTION_REFUSED,
                                           .message = message },
                        err);
}

static int look_commit(Look *look, Error *err)
{
        int r = control_apply(look->environment->deployer->control, &look->changes, err);

        if (r < 0 || !look->news.message)
                return r;
        look->environment->failed = look->news.failed;
        environment_said(look->environment, &look->news);
        return 0;
}

/* What was promoted is in the lockfile, and nobody else confirms it. */
static bool is_ours_to_confirm(const Look *look)
{
        const char *problem;

        return look->input.deployment && look->input.deployment->status == DEPLOYMENT_PROMOTING &&
               look->environment->spec->confirm == CONFIRM_AUTO &&
               look_files(look, &problem) == FILES_WRITTEN;
}

/* Returns 1: what is there is another state. */
static int look_confirm(Look *look, Error *err)
{
        static const Confirmation automatic = { .status = DEPLOYMENT_DEPLOYED,
                                                .by = PRINCIPAL_SELF };
        int r;

        r = deployment_confirm(look->environment, look->input.deployment->release_id, &automatic,
                               err);
        return r < 0 ? r : 1;
}

static void drop_check(EnvironmentState *environment)
{
        environment->check = environment_check_free(environment->check);
}

/* A gate that opens by itself: the environment is decided again then, and whenever the wall clock
 * is set (deployer_clock_was_set()). If that is early, the gate is closed still, and it waits
 * again. */
static void look_wait(const Look *look)
{
        usec_t at = look->promotion.opens_at, now = look->input.now;

        if (look->input.windows_problem) /* the zone database may be repaired */
                environment_add(look->environment, time_monotonic() + RETRY_WINDOWS,
                                "its windows are read again");
        else if (look->promotion.decision == PROMOTION_WAIT && at > 0)
                environment_add(look->environment, time_monotonic() + MAX(at, now) - now,
                                "a gate opens");
}

/* Nothing is to be promoted now. Returns 1 if a promotion was confirmed. */
static int look_stay(Look *look, Error *err)
{
        bool waits = look->promotion.decision != PROMOTION_NONE;
        bool confirms = is_ours_to_confirm(look);
        int r = 0;

        drop_check(look->environment);
        look_wait(look);
        if (waits)
                r = look_say_waiting(look, err);
        else if (!confirms)
                r = look_say_state(look, err);
        if (r >= 0)
                r = look_commit(look, err);
        return r < 0 ? r : confirms ? look_confirm(look, err) : 0;
}

static void on_checked(EnvironmentCheck *check, void *userdata);

/* Its digests are asked for, unless that is under way, or somebody's own promotion is: that comes
 * first, and wakes this environment at its end. */
static int look_check(Look *look, Error *err)
{
        EnvironmentState *environment = look->environment;
        const char *wanted = look->wanted.release.id.text;
        int r;

        r = look_commit(look, err);
        if (r < 0)
                return r;
        if (environment->n_promotions > 0) {
                drop_check(environment);
                return 0;
        }
        if (environment->check && streq(environment_check_release(environment->check), wanted))
                return 0;
        drop_check(environment);
        r = environment_check_new(environment, wanted, on_checked, environment, &environment->check,
                                  err);
        if (r >= 0 && environment_check_is_over(environment->check))
                on_checked(environment->check, environment);
        return r;
}

/* The release that is wanted, whether it is there or not; "" if none is. */
static const char *look_release(const Look *look)
{
        const Wanted *wanted = &look->wanted;

        return wanted->has_release                          ? wanted->release.id.text
               : wanted->on_hold && wanted->hold.release_id ? wanted->hold.release_id
                                                            : "";
}

/* True if the environment has what it is to have, and that is confirmed. */
static bool look_is_settled(const Look *look)
{
        const Deployment *deployment = look->input.deployment;

        return look->promotion.decision == PROMOTION_NONE &&
               !(deployment && deployment->status == DEPLOYMENT_PROMOTING);
}

/* Returns 1 if a promotion was stored or confirmed: there is more to decide. */
static int look_go_on(Look *look, Error *err)
{
        EnvironmentState *environment = look->environment;
        PromoteOrder order;
        int r;

        r = environment_plan(environment, &look->arena, &look->wanted, &look->input,
                             &look->promotion, err);
        if (r >= 0 && environment_depend(environment, look_release(look)) < 0)
                r = error_oom(err);
        if (r < 0)
                return r;
        environment->is_settled = look_is_settled(look);
        end_hold(environment, &look->wanted, look->promotion.decision, &look->changes);
        say_hold(environment, &look->wanted, &look->changes);
        if (look->promotion.decision != PROMOTION_GO)
                return look_stay(look, err);
        if (environment->n_promotions > 0 ||
            !str_equal(look->checked, look->wanted.release.id.text)) {
                r = look_check(look, err);
                return MIN(r, 0);
        }
        order = (PromoteOrder){ .release = &look->wanted.release, .by = look->wanted.by };
        r = deployment_promote(environment, &order, &look->changes, err);
        return r < 0 ? r : 1;
}

/* checked: as in Look. */
static void look_at(EnvironmentState *environment, const char *checked)
{
        _cleanup_(error_done) Error error = { 0 };
        Look look;
        int r;

        do {
                look_init(&look, environment);
                look.checked = checked;
                r = look_go_on(&look, &error);
                look_done(&look);
        } while (r > 0);
        if (r == 0)
                return;
        drop_check(environment);
        environment_add(environment, time_monotonic() + RETRY, "it failed");
        environment_tell(environment, &(EnvironmentNews){ .reason = "Failed",
                                                          .failed = true,
                                                          .message = error_message(&error) });
}

void environment_look(EnvironmentState *environment)
{
        look_at(environment, NULL);
}

void environment_settle(EnvironmentState *environment)
{
        queue_remove(environment->deployer->control->queue, KEY_ENVIRONMENT, environment->id.text);
        environment_look(environment);
}

static void on_checked(EnvironmentCheck *check, void *userdata)
{
        const Error *error = environment_check_error(check);
        EnvironmentState *environment = userdata;
        bool gone = error && error->kind == ERROR_NOT_FOUND;

        environment->check = NULL;
        environment->failed_check = environment_check_free(environment->failed_check);
        if (!error)
                look_at(environment, environment_check_release(check));
        else {
                environment_add(environment, time_monotonic() + (gone ? RETRY_GONE : RETRY),
                                "its digests are checked again");
                environment_tell(environment,
                                 &(EnvironmentNews){ .reason = gone ? "DigestGone" : "Unreachable",
                                                     .failed = true,
                                                     .message = error_message(error) });
        }
        control_kick(environment->deployer->control);
        if (error)
                environment->failed_check = check;
        else
                environment_check_free(check);
}
