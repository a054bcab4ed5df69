/* One look at an environment: which release is to be there, what stands against it, and what
 * follows. All that a look decides is stored in one transaction.
 *
 * A check of digests takes its time, and everything may change meanwhile. So every look decides
 * anew: it drops a check that is of no use any more, and when the check ends a last look decides
 * with the rows as they are then. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "reconcile/environments.h"
#include "reconcile/publish.h"
#include "release/promotion.h"
#include "store/releases.h"

#define ENVIRONMENT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY                 (30 * USEC_PER_SEC)
#define RETRY_GONE            (5 * USEC_PER_MIN)

Subject environment_subject(const EnvironmentState *environment)
{
        return subject_of(&environment->spec->object);
}

/* --- what is said of it ----------------------------------------------------------------------- */

/* Adds what is new; environment_said() follows the commit. */
static void environment_say(EnvironmentState *environment, const EnvironmentNews *news,
                            Changes *changes)
{
        if (str_equal(environment->reason, news->message))
                return;
        report_condition(changes, environment_subject(environment),
                         (Told){ CONDITION_READY, news->is_ready ? CONDITION_TRUE : CONDITION_FALSE,
                                 news->reason, time_wall() },
                         "%s", news->message);
}

static void environment_said(EnvironmentState *environment, const EnvironmentNews *news)
{
        const char *name = environment->spec->object.meta.name;

        if (str_equal(environment->reason, news->message))
                return;
        if (news->failed)
                log_error("environment '%s': %s", name, news->message);
        else if (!news->is_ready)
                log_notice("environment '%s': %s", name, news->message);
        free(environment->reason);
        environment->reason = strdup(news->message); /* NULL: it is said again */
}

void environment_tell(EnvironmentState *environment, const EnvironmentNews *news)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        environment->failed = news->failed;
        environment_say(environment, news, &changes);
        if (store_apply(environment->reconciler->store, &changes, &error) >= 0)
                environment_said(environment, news);
        else
                log_error("environment '%s': %s", environment->spec->object.meta.name,
                          error_message(&error));
}

int environment_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Uuid id;

        if (!spec->stream)
                return 0;
        id = object_id(KIND_STREAM, spec->object.meta.tenant, spec->stream);
        return store_stream_candidate(environment->reconciler->store, id.text, arena, ret, err);
}

/* --- what is wanted there --------------------------------------------------------------------- */

typedef struct Wanted {
        Release release;
        bool has_release;
        const char *missing; /* NULL: nothing is wanted */
        const char *by;      /* who wants it */
        const char *failure; /* of what the spec names, when it was there last; NULL: none */
        Hold hold;
        bool has_hold, on_hold; /* it may have no say: the spec names a release */
        bool is_fallback;       /* the hold is of a failure: nobody has looked at it since */
} Wanted;

static int by_id(EnvironmentState *environment, const char *id, const char *name, Arena *arena,
                 Wanted *ret, Error *err)
{
        int r;

        r = store_release(environment->reconciler->store, id, arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r == 0) {
                ret->missing = arena_printf(arena, "there is no release '%s' yet", name);
                r = ret->missing ? 0 : error_oom(err);
        }
        return MIN(r, 0);
}

/* 1 if the environment has, or is getting, a later release of the stream: then what is deprecated
 * since does not take it back by itself. */
static int has_later(EnvironmentState *environment, const Release *candidate, Arena *arena,
                     Error *err)
{
        Store *store = environment->reconciler->store;
        Deployment deployment;
        Release now;
        int r;

        r = store_deployment(store, environment->id.text, arena, &deployment, err);
        if (r > 0)
                r = store_release(store, deployment.release_id, arena, &now, err);
        if (r <= 0)
                return r;
        return str_equal(now.stream_id, candidate->stream_id) && now.sequence > candidate->sequence;
}

/* What failed is not tried again by itself; a hold for it says that people want it again. */
static int look_for_failure(EnvironmentState *environment, const char *release_id, Arena *arena,
                            Wanted *ret, Error *err)
{
        int r;

        r = store_failure(environment->reconciler->store, environment->id.text, release_id, arena,
                          &ret->failure, err);
        if (r < 0 || !ret->failure || !str_equal(ret->hold.release_id, release_id))
                return r;
        ret->failure = NULL;
        ret->by = ret->hold.by;
        ret->on_hold = false;
        return 0;
}

static int by_stream(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        int r;

        r = environment_candidate(environment, arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r == 0) {
                ret->missing = arena_printf(arena, "stream '%s' has no release that is ready",
                                            environment->spec->stream);
                return ret->missing ? 0 : error_oom(err);
        }
        if (r > 0)
                r = look_for_failure(environment, ret->release.id.text, arena, ret, err);
        if (r >= 0)
                r = has_later(environment, &ret->release, arena, err);
        if (r > 0)
                ret->has_release = false;
        return MIN(r, 0);
}

/* What came back after a failure says why, in the words of the hold that came with it. */
static int look_for_fallback(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        const Page newest = { .limit = 1 };
        Deployments history;
        int r;

        r = store_history(environment->reconciler->store, environment->id.text, &newest, arena,
                          &history, err);
        ret->is_fallback = r >= 0 && history.n > 0 && history.items[0].reason &&
                           streq(history.items[0].reason, ret->hold.reason);
        return r;
}

static int by_hold(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        const char *id = ret->hold.release_id;
        int r = look_for_fallback(environment, arena, ret, err);

        if (r < 0)
                return r;
        ret->has_release = false;
        ret->missing = ret->failure = NULL;
        ret->by = ret->hold.by;
        return id ? by_id(environment, id, id, arena, ret, err) : 0;
}

/* What the spec names; else people's word; else what its stream offers. */
static int find_wanted(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Uuid id;
        int r;

        *ret = (Wanted){ .by = PRINCIPAL_SELF };
        r = store_hold(environment->reconciler->store, environment->id.text, arena, &ret->hold,
                       err);
        if (r < 0)
                return r;
        ret->has_hold = r > 0;
        if (spec->release) {
                id = object_id(KIND_RELEASE, spec->object.meta.tenant, spec->release);
                r = look_for_failure(environment, id.text, arena, ret, err);
                return r < 0 ? r : by_id(environment, id.text, spec->release, arena, ret, err);
        }
        ret->on_hold = ret->has_hold;
        r = spec->stream ? by_stream(environment, arena, ret, err) : 0;
        return r < 0 || !ret->on_hold ? r : by_hold(environment, arena, ret, err);
}

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

/* --- what stands against it ------------------------------------------------------------------- */

static int gather(EnvironmentState *environment, Arena *arena, PromotionInput *input, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Store *store = environment->reconciler->store;
        const char *release = input->release->id.text;
        Approvals approvals = { 0 };
        Uuid source;
        int r = 0;

        if (spec->promotes_from) {
                source = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->promotes_from);
                r = store_was_deployed(store, source.text, release, err);
                input->was_in_source = r > 0;
        }
        if (r >= 0 && spec->approvals > 0)
                r = store_approvals(store, environment->id.text, release, arena, &approvals, err);
        input->n_approvals = approvals_persons(&approvals);
        return MIN(r, 0);
}

/* A release that a format of the environment cannot hold stays out of it. */
static int check_formats(const EnvironmentState *environment, const Release *release, Arena *arena,
                         Promotion *ret, Error *err)
{
        _cleanup_(error_done) Error refusal = { 0 };
        int r = publish_check_environment(environment, release, &refusal);

        if (r >= 0)
                return 0;
        if (refusal.kind == ERROR_INTERNAL) {
                error_move(err, &refusal);
                return r;
        }
        *ret = (Promotion){ .decision = PROMOTION_REFUSED,
                            .reason = "NotExpressible",
                            .message = arena_printf(arena, "release '%s' is not promoted: %s",
                                                    release->name, error_message(&refusal)) };
        return ret->message ? 0 : error_oom(err);
}

int environment_decide(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                       Promotion *ret, Error *err)
{
        Deployment *deployment = arena_alloc(arena, sizeof(*deployment));
        int r;

        if (!deployment)
                return error_oom(err);
        input->environment = environment->spec;
        r = store_deployment(environment->reconciler->store, environment->id.text, arena,
                             deployment, err);
        if (r < 0)
                return r;
        input->deployment = r > 0 ? deployment : NULL;
        r = input->release ? gather(environment, arena, input, err) : 0;
        if (r >= 0 && promotion_decide(input, arena, ret) < 0)
                r = error_oom(err);
        return r < 0 || ret->decision != PROMOTION_GO
                       ? r
                       : check_formats(environment, input->release, arena, ret, err);
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

static int look_decide(Look *look, Error *err)
{
        int r;

        r = find_wanted(look->environment, &look->arena, &look->wanted, err);
        if (r < 0)
                return r;
        look->input.release = look->wanted.has_release ? &look->wanted.release : NULL;
        look->input.missing = look->wanted.missing;
        look->input.failure = look->wanted.failure;
        return environment_decide(look->environment, &look->input, &look->arena, &look->promotion,
                                  err);
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
        int r = store_apply(look->environment->reconciler->store, &look->changes, err);

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
        bool waits = look->promotion.decision != PROMOTION_NONE;
        int r = 0;

        drop_check(environment);
        if (waits)
                r = look_say_waiting(look, err);
        else if (!is_ours_to_confirm(look))
                r = look_say_state(look, err);
        if (r >= 0)
                r = look_commit(look, err);
        if (r >= 0 && is_ours_to_confirm(look))
                r = publish_environment(environment, err); /* and the next look says so */
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

static int look_go_on(Look *look, Error *err)
{
        EnvironmentState *environment = look->environment;
        PromoteOrder order;
        int r;

        r = look_decide(look, err);
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

        environment->dirty = false;
        environment->retry_at = USEC_INFINITY;
        look_init(&look, environment);
        look.checked = checked;
        if (look_go_on(&look, &error) < 0) {
                drop_check(environment);
                environment->retry_at = time_monotonic() + RETRY;
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

static void on_checked(EnvironmentCheck *check, void *userdata)
{
        const Error *error = environment_check_error(check);
        EnvironmentState *environment = userdata;
        bool gone = error && error->kind == ERROR_NOT_FOUND;

        environment->check = NULL;
        if (!error)
                look_at(environment, environment_check_release(check));
        else {
                environment->retry_at = time_monotonic() + (gone ? RETRY_GONE : RETRY);
                environment_tell(environment,
                                 &(EnvironmentNews){ .reason = gone ? "DigestGone" : "Unreachable",
                                                     .failed = true,
                                                     .message = error_message(error) });
        }
        reconciler_kick(environment->reconciler);
        environment_check_free(check);
}
