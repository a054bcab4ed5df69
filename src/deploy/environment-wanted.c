#include "deploy/environment-wanted.h"

#include <errno.h>

#include "control/formats.h"
#include "control/gate-windows.h"
#include "deploy/environment-facts.h"
#include "model/selection.h"
#include "release/promotion.h"

/* --- the desired release ---------------------------------------------------------------------- */

static int by_id(EnvironmentState *environment, const char *id, const char *name, Arena *arena,
                 Wanted *ret, Error *err)
{
        int r;

        r = facts_release(environment, id, arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r == 0) {
                ret->missing = arena_printf(arena, "there is no release '%s' yet", name);
                r = ret->missing ? 0 : error_oom(err);
        }
        return MIN(r, 0);
}

/* Returns 1 if the environment has, or is getting, a later release of the stream. */
static int has_later(EnvironmentState *environment, const Release *candidate, Arena *arena,
                     Error *err)
{
        Deployment deployment;
        Release now;
        int r;

        r = facts_deployment(environment, arena, &deployment, err);
        if (r > 0)
                r = facts_release(environment, deployment.release_id, arena, &now, err);
        if (r <= 0)
                return r;
        return promotion_goes_back(&now, candidate);
}

/* Reads whether the release failed in this environment. relmand does not try a failed release
 * again, unless the hold names that release. */
static int look_for_failure(EnvironmentState *environment, const char *release_id, Arena *arena,
                            Wanted *ret, Error *err)
{
        int r;

        r = facts_failure(environment, release_id, arena, &ret->failure, err);
        if (r < 0 || !ret->failure.reason || !str_equal(ret->hold.release_id, release_id))
                return r;
        ret->failure = (Failure){ 0 };
        ret->by = ret->hold.by;
        ret->on_hold = false;
        return 0;
}

static int by_candidate(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        int r;

        r = environment_candidate(environment, arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r == 0) {
                ret->missing = environment_candidate_missing(environment, arena);
                return ret->missing ? 0 : error_oom(err);
        }
        if (r > 0)
                r = look_for_failure(environment, ret->release.id.text, arena, ret, err);
        if (r >= 0 && environment->spec->stream)
                r = has_later(environment, &ret->release, arena, err);
        else
                r = MIN(r, 0);
        if (r > 0)
                ret->has_release = false;
        return MIN(r, 0);
}

static int by_hold(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        const char *id = ret->hold.release_id;

        ret->has_release = false;
        ret->missing = NULL;
        ret->failure = (Failure){ 0 };
        ret->by = ret->hold.by;
        return id ? by_id(environment, id, id, arena, ret, err) : 0;
}

int environment_wanted(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Uuid id;
        int r;

        *ret = (Wanted){ .by = PRINCIPAL_SELF };
        r = facts_hold(environment, arena, &ret->hold, err);
        if (r < 0)
                return r;
        ret->has_hold = r > 0;
        if (spec->release) {
                id = object_id(KIND_RELEASE, spec->object.meta.tenant, spec->release);
                r = look_for_failure(environment, id.text, arena, ret, err);
                return r < 0 ? r : by_id(environment, id.text, spec->release, arena, ret, err);
        }
        ret->on_hold = ret->has_hold && !ret->hold.is_retry;
        r = environment_follows(spec) ? by_candidate(environment, arena, ret, err) : 0;
        ret->is_retry_over =
                ret->hold.is_retry &&
                !(ret->has_release && streq(ret->release.id.text, ret->hold.release_id));
        return r < 0 || !ret->on_hold ? r : by_hold(environment, arena, ret, err);
}

/* --- obstacles to a promotion ----------------------------------------------------------------- */

/* True if the digests of the release are being checked, or their last check failed. The formats of
 * the release were checked before that. */
static bool was_checked(const EnvironmentState *environment, const Release *release)
{
        const DigestCheck *checks[] = { environment->digest_check,
                                        environment->failed_digest_check };

        for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
                if (checks[i] && streq(digest_check_release(checks[i]), release->id.text))
                        return true;
        return false;
}

/* Refuses a release that a format of the environment cannot hold. Facts of many environments have
 * releases without components, so a release that was not checked yet is read completely. */
static int check_formats(const EnvironmentState *environment, const Release *release, Arena *arena,
                         Promotion *ret, Error *err)
{
        _cleanup_(error_done) Error refusal = { 0 };
        Release complete = *release;
        int r = 0;

        if (environment->facts && was_checked(environment, release))
                return 0;
        if (environment->facts)
                r = store_release(environment->deployer->control->store, release->id.text, arena,
                                  &complete, err);
        if (r < 0)
                return r;
        r = formats_check_environment(&environment->deployer->control->options, environment->spec,
                                      &complete, &refusal);
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

int environment_read_gates(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                           Error *err)
{
        const Control *control = environment->deployer->control;
        int r;

        r = gate_facts_read(&environment_gate_facts, environment, arena, input, err);
        return r < 0 ? r : gate_windows_read(control, control->model, arena, input, err);
}

int environment_decide(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                       Promotion *ret, Error *err)
{
        const Control *control = environment->deployer->control;
        Deployment *deployment = arena_alloc(arena, sizeof(*deployment));
        int r;

        if (!deployment)
                return error_oom(err);
        input->now = time_wall();
        input->environment = environment->spec;
        input->model = control->model;
        input->source_names = model_sources(control->model, environment->spec);
        r = facts_deployment(environment, arena, deployment, err);
        if (r < 0)
                return r;
        input->deployment = r > 0 ? deployment : NULL;
        r = 0;
        if (input->release && !promotion_is_there(input))
                r = environment_read_gates(environment, input, arena, err);
        if (r >= 0 && promotion_decide(input, arena, ret) < 0)
                r = error_oom(err);
        return r < 0 || ret->decision != PROMOTION_GO
                       ? r
                       : check_formats(environment, input->release, arena, ret, err);
}

int environment_plan(EnvironmentState *environment, Arena *arena, Wanted *ret,
                     PromotionInput *ret_input, Promotion *ret_promotion, Error *err)
{
        int r;

        r = environment_wanted(environment, arena, ret, err);
        if (r < 0)
                return r;
        *ret_input = (PromotionInput){ .release = ret->has_release ? &ret->release : NULL,
                                       .missing = ret->missing,
                                       .failure = ret->failure.reason,
                                       .was_canceled = ret->failure.canceled };
        return environment_decide(environment, ret_input, arena, ret_promotion, err);
}
