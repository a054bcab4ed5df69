#include "reconcile/environments.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "reconcile/publish.h"
#include "release/promotion.h"
#include "store/releases.h"

#define ENVIRONMENT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY                 (30 * USEC_PER_SEC)

Subject environment_subject(const EnvironmentState *environment)
{
        return subject_of(&environment->spec->object);
}

/* Tells what is new, once. */
void environment_tell(EnvironmentState *environment, const EnvironmentNews *news)
{
        Reconciler *reconciler = environment->reconciler;
        const char *name = environment->spec->object.meta.name;
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        environment->failed = news->failed;
        if (str_equal(environment->reason, news->message))
                return;
        report_condition(&changes, environment_subject(environment),
                         (Told){ CONDITION_READY, news->is_ready ? CONDITION_TRUE : CONDITION_FALSE,
                                 news->reason, time_wall() },
                         "%s", news->message);
        if (store_apply(reconciler->store, &changes, &error) < 0) {
                log_error("environment '%s': %s", name, error_message(&error));
                return;
        }
        if (news->failed)
                log_error("environment '%s': %s", name, news->message);
        else if (!news->is_ready)
                log_notice("environment '%s': %s", name, news->message);
        free(environment->reason);
        environment->reason = strdup(news->message);
}

static void tell_error(EnvironmentState *environment, const Error *error)
{
        environment->retry_at = time_monotonic() + RETRY;
        environment_tell(environment, &(EnvironmentNews){ .reason = "Failed",
                                                          .failed = true,
                                                          .message = error_message(error) });
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
static int end_hold(EnvironmentState *environment, const Wanted *wanted, PromotionDecision decision,
                    Error *err)
{
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        if (!wanted->has_hold || !environment->spec->release || !wanted->has_release ||
            (decision != PROMOTION_NONE &&
             str_equal(wanted->hold.release_id, wanted->release.id.text)))
                return 0;
        changes_delete_hold(&changes, environment->id.text);
        return store_apply(environment->reconciler->store, &changes, err);
}

/* --- telling how things are ------------------------------------------------------------------- */

static void tell_hold(EnvironmentState *environment, const Wanted *wanted)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };
        const Hold *hold = &wanted->hold;

        changes_init(&changes);
        if (wanted->on_hold && environment->spec->stream)
                report_condition(
                        &changes, environment_subject(environment),
                        (Told){ CONDITION_HELD, CONDITION_TRUE,
                                wanted->is_fallback ? "DeploymentFailed" : "OnHold", hold->since },
                        "does not follow stream '%s': %s, by %s; relmanctl resume %s ends it",
                        environment->spec->stream, hold->reason, hold->by,
                        environment->spec->object.meta.name);
        else
                changes_clear_condition(&changes, KIND_ENVIRONMENT, environment->id.text,
                                        CONDITION_HELD);
        if (store_apply(environment->reconciler->store, &changes, &error) < 0)
                log_error("environment '%s': %s", environment->spec->object.meta.name,
                          error_message(&error));
}

static void tell_state(EnvironmentState *environment, const Deployment *deployment, Arena *arena)
{
        EnvironmentNews news = { .reason = "Deployed", .is_ready = true };
        char at[TIME_TEXT_SIZE];

        if (!deployment)
                news = (EnvironmentNews){
                        .reason = "Empty",
                        .message = "nothing is deployed here, and nothing is wanted"
                };
        else if (deployment->status == DEPLOYMENT_DEPLOYED)
                news.message = arena_printf(arena, "release '%s' since %s, by %s",
                                            deployment->release_name,
                                            time_format(deployment->at, at), deployment->by);
        else if (deployment->status == DEPLOYMENT_PROMOTING)
                news = (EnvironmentNews){
                        .reason = "Promoting",
                        .message = arena_printf(arena,
                                                "release '%s' is in the lockfile and waits for its "
                                                "confirmation (relmanctl confirm %s)",
                                                deployment->release_name,
                                                environment->spec->object.meta.name)
                };
        else
                news = (EnvironmentNews){ .reason = "DeploymentFailed",
                                          .failed = true,
                                          .message = arena_printf(arena, "release '%s' failed here",
                                                                  deployment->release_name) };
        if (news.message)
                environment_tell(environment, &news);
}

/* What waits is told with what is there meanwhile. */
static void tell_waiting(EnvironmentState *environment, const Promotion *promotion,
                         const Deployment *deployment, Arena *arena)
{
        const char *message = promotion->message;

        if (deployment && deployment->status != DEPLOYMENT_FAILED)
                message = arena_printf(arena, "%s; release '%s' stays", promotion->message,
                                       deployment->release_name);
        if (message)
                environment_tell(environment, &(EnvironmentNews){ .reason = promotion->reason,
                                                                  .failed = promotion->decision ==
                                                                            PROMOTION_REFUSED,
                                                                  .message = message });
}

/* --- one look --------------------------------------------------------------------------------- */

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

/* What was promoted is in the lockfile, and confirmed where nobody else does it. */
static int finish_promotion(EnvironmentState *environment, const Deployment *deployment, Error *err)
{
        if (!deployment || deployment->status != DEPLOYMENT_PROMOTING ||
            environment->spec->confirm != CONFIRM_AUTO)
                return 0;
        return publish_environment(environment, err);
}

static int look(EnvironmentState *environment, Arena *arena, Error *err)
{
        PromotionInput input = { 0 };
        Promotion promotion;
        Wanted wanted;
        int r;

        r = find_wanted(environment, arena, &wanted, err);
        if (r < 0)
                return r;
        input.release = wanted.has_release ? &wanted.release : NULL;
        input.missing = wanted.missing;
        input.failure = wanted.failure;
        r = environment_decide(environment, &input, arena, &promotion, err);
        if (r < 0)
                return r;
        r = end_hold(environment, &wanted, promotion.decision, err);
        if (r < 0)
                return r;
        tell_hold(environment, &wanted);
        switch (promotion.decision) {
        case PROMOTION_NONE:
                r = finish_promotion(environment, input.deployment, err);
                if (r == 0)
                        tell_state(environment, input.deployment, arena);
                return r;
        case PROMOTION_WAIT:
        case PROMOTION_REFUSED:
                tell_waiting(environment, &promotion, input.deployment, arena);
                return finish_promotion(environment, input.deployment, err);
        case PROMOTION_GO: break;
        }
        return environment_check_start(environment, &wanted.release, wanted.by, err);
}

/* --- all -------------------------------------------------------------------------------------- */

static bool is_due(const EnvironmentState *environment, usec_t now)
{
        return !environment->check && (environment->dirty || environment->retry_at <= now);
}

void environments_run(Reconciler *reconciler, usec_t now)
{
        map_foreach (&reconciler->environments, entry) {
                EnvironmentState *environment = entry->value;
                _cleanup_(error_done) Error error = { 0 };
                _cleanup_(arena_done) Arena arena = { 0 };

                if (!is_due(environment, now))
                        continue;
                arena_init(&arena, ENVIRONMENT_ARENA_MAX);
                environment->dirty = false;
                environment->retry_at = USEC_INFINITY;
                if (look(environment, &arena, &error) < 0)
                        tell_error(environment, &error);
        }
}

usec_t environments_next(const Reconciler *reconciler)
{
        usec_t next = USEC_INFINITY;

        map_foreach (&reconciler->environments, entry) {
                const EnvironmentState *environment = entry->value;

                if (!environment->check)
                        next = MIN(next, environment->retry_at);
        }
        return next;
}

bool environments_are_idle(const Reconciler *reconciler)
{
        map_foreach (&reconciler->environments, entry) {
                const EnvironmentState *environment = entry->value;

                if (environment->dirty || environment->check || !outputs_are_idle(environment))
                        return false;
        }
        return true;
}

void environments_wake(Reconciler *reconciler)
{
        map_foreach (&reconciler->environments, entry) {
                EnvironmentState *environment = entry->value;

                environment->dirty = true;
        }
        reconciler_kick(reconciler);
}

static EnvironmentState *environment_free(EnvironmentState *environment)
{
        if (!environment)
                return NULL;
        environment_check_free(environment->check);
        outputs_done(environment);
        free(environment->reason);
        free(environment);
        return NULL;
}

static void drop_gone(Reconciler *reconciler, const Model *model)
{
        for (;;) {
                EnvironmentState *gone = NULL;

                map_foreach (&reconciler->environments, entry)
                        if (!model || !map_has(&model->by_id, entry->key))
                                gone = entry->value;
                if (!gone)
                        return;
                (void)map_remove(&reconciler->environments, gone->id.text);
                environment_free(gone);
                reconciler->mend_at = 0; /* its lockfile goes */
        }
}

static int adopt(Reconciler *reconciler, const EnvironmentSpec *spec)
{
        EnvironmentState *environment = map_get(&reconciler->environments, spec->object.id.text);

        if (!environment) {
                environment = calloc(1, sizeof(*environment));
                if (!environment)
                        return -ENOMEM;
                environment->reconciler = reconciler;
                environment->id = spec->object.id;
                environment->retry_at = USEC_INFINITY;
                if (map_put(&reconciler->environments, environment->id.text, environment, NULL) <
                    0) {
                        environment_free(environment);
                        return -ENOMEM;
                }
        }
        environment->check = environment_check_free(environment->check);
        if (environment->formats[0] && !streq(environment->formats, spec->object.digest))
                reconciler->mend_at = 0; /* its lockfile may be wanted in other formats */
        (void)snprintf(environment->formats, sizeof(environment->formats), "%s",
                       spec->object.digest);
        environment->spec = spec;
        environment->dirty = true;
        return 0;
}

int environments_adopt(Reconciler *reconciler, const Model *model, Error *err)
{
        drop_gone(reconciler, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(reconciler, model->environments.items[i]) < 0)
                        return error_oom(err);
        return deployments_settle(reconciler, err);
}

void environments_drop(Reconciler *reconciler)
{
        drop_gone(reconciler, NULL);
        map_done(&reconciler->environments);
}
