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
        case DEPLOYMENT_PROMOTING:
                return look_say(
                        look,
                        (EnvironmentNews){ .reason = "Promoting",
                                           .message = arena_printf(
                                                   arena,
                                                   "release '%s' is in the lockfile and waits "
                                                   "for its confirmation (relmanctl confirm "
                                                   "%s)",
                                                   deployment->release_name,
                                                   look->environment->spec->object.meta.name) },
                        err);
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

/* What was promoted is in the lockfile, and confirmed where nobody else does it. */
static bool is_ours_to_confirm(const Look *look)
{
        return look->input.deployment && look->input.deployment->status == DEPLOYMENT_PROMOTING &&
               look->environment->spec->confirm == CONFIRM_AUTO;
}

static void drop_check(EnvironmentState *environment)
{
        environment->check = environment_check_free(environment->check);
}

/* Nothing is to be promoted now. */
static int look_stay(Look *look, Error *err)
{
        EnvironmentState *environment = look->environment;
        const Control *control = environment->deployer->control;
        bool waits = look->promotion.decision != PROMOTION_NONE;
        int r = 0;

        drop_check(environment);
        if (waits)
                r = look_say_waiting(look, err);
        else if (!is_ours_to_confirm(look))
                r = look_say_state(look, err);
        if (r >= 0)
                r = look_commit(look, err);
        if (r >= 0 && is_ours_to_confirm(look)) /* and the next look says so */
                r = control->calls->write_lock(control->userdata, environment->id.text, err);
        return r;
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
        if (environment->promotions) {
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

static int look_go_on(Look *look, Error *err)
{
        EnvironmentState *environment = look->environment;
        PromoteOrder order;
        int r;

        r = environment_plan(environment, &look->arena, &look->wanted, &look->input,
                             &look->promotion, err);
        if (r >= 0 && !str_equal(look_release(look), environment->depends_on.text))
                r = environment_depend(environment, look_release(look)) < 0 ? error_oom(err) : 0;
        if (r < 0)
                return r;
        end_hold(environment, &look->wanted, look->promotion.decision, &look->changes);
        say_hold(environment, &look->wanted, &look->changes);
        if (look->promotion.decision != PROMOTION_GO)
                return look_stay(look, err);
        if (environment->promotions || !str_equal(look->checked, look->wanted.release.id.text))
                return look_check(look, err);
        order = (PromoteOrder){ .release = &look->wanted.release, .by = look->wanted.by };
        return deployment_promote(environment, &order, &look->changes, err);
}

/* checked: as in Look. */
static void look_at(EnvironmentState *environment, const char *checked)
{
        _cleanup_(error_done) Error error = { 0 };
        Look look;

        look_init(&look, environment);
        look.checked = checked;
        if (look_go_on(&look, &error) < 0) {
                drop_check(environment);
                environment_add(environment, time_monotonic() + RETRY, "it failed");
                environment_tell(environment,
                                 &(EnvironmentNews){ .reason = "Failed",
                                                     .failed = true,
                                                     .message = error_message(&error) });
        }
        look_done(&look);
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
