#include "deploy/environment-why.h"

#include <errno.h>

#include "deploy/environment-checks.h"
#include "deploy/environment-wanted.h"

/* Reads the release that the hold keeps out, and the decision about it. */
static int why_candidate(EnvironmentState *environment, Arena *arena, PromotionInput *input,
                         EnvironmentWhy *ret, Error *err)
{
        Store *store = environment->deployer->control->store;
        Failure failure;
        int r;

        r = environment_candidate(environment, arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r == 0)
                ret->missing = environment_candidate_missing(environment, arena);
        if (r <= 0)
                return r < 0 || ret->missing ? r : error_oom(err);
        r = store_failure(store, environment->id.text, ret->release.id.text, arena, &failure, err);
        if (r < 0)
                return r;
        *input = (PromotionInput){ .release = &ret->release,
                                   .failure = failure.reason,
                                   .was_canceled = failure.canceled };
        return environment_decide(environment, input, arena, &ret->promotion, err);
}

/* Returns 1 if the hold requests a release that the environment would not get by following. */
static int why_is_held(EnvironmentState *environment, const Wanted *wanted,
                       const Promotion *promotion, Arena *arena, Error *err)
{
        Release candidate;
        int r;

        if (!wanted->on_hold || !environment_follows(environment->spec))
                return 0;
        if (!wanted->hold.release_id)
                return 1;
        if (wanted->has_release && promotion->decision != PROMOTION_NONE)
                return 0; /* the release of the hold is not promoted yet */
        r = environment_candidate(environment, arena, &candidate, err);
        return r <= 0 ? r : !streq(candidate.id.text, wanted->hold.release_id);
}

/* Explains the deployed release if no other release is desired. */
static int why_deployed(const EnvironmentState *environment, Arena *arena, PromotionInput *input,
                        EnvironmentWhy *ret, Error *err)
{
        int r;

        if (ret->has_release || ret->missing || !input->deployment)
                return 0;
        r = store_release(environment->deployer->control->store, input->deployment->release_id,
                          arena, &ret->release, err);
        ret->has_release = r > 0;
        if (r > 0)
                input->release = &ret->release;
        return MIN(r, 0);
}

static int why_gates(EnvironmentState *environment, PromotionInput *input, Arena *arena,
                     EnvironmentWhy *ret, Error *err)
{
        ApprovalInput question;
        CheckInput checks;
        int r = 0;

        if (!ret->has_release)
                return 0;
        if (ret->promotion.decision == PROMOTION_NONE) /* the facts of the gates were not read */
                r = environment_read_gates(environment, input, arena, err);
        if (r < 0)
                return r;
        question = promotion_approvals(input);
        checks = promotion_checks(input);
        ret->reported = checks_first_reported(&checks);
        ret->is_there = ret->promotion.decision == PROMOTION_NONE;
        if (promotion_gates(input, &ret->promotion, arena, ret->gates) < 0)
                return error_oom(err);
        return approvals_evaluate(&question, arena, &ret->approvals) < 0 ? error_oom(err) : 0;
}

static int why_pending(EnvironmentState *environment, Arena *arena, EnvironmentWhy *ret, Error *err)
{
        CheckInput after;
        int r;

        ret->is_pending = ret->has_deployment && ret->deployment.status == DEPLOYMENT_PROMOTING;
        ret->has_check =
                ret->has_release && !ret->is_held && ret->promotion.decision == PROMOTION_GO;
        r = environment_after_checks(environment, ret->is_pending ? &ret->deployment : NULL, arena,
                                     &after, err);
        if (r < 0)
                return r;
        if (ret->is_pending && ret->is_there) /* the release is the one being promoted */
                ret->reported = checks_first_reported(&after);
        if (ret->is_pending)
                r = environment_pending_promotion(environment, &ret->deployment, &after, arena,
                                                  &ret->pending);
        if (r >= 0 && ret->has_check)
                r = environment_pending_check(environment, &ret->release, arena, &ret->check);
        if (r >= 0 && ret->check.message) {
                /* a copy, because the check may end before the answer is written */
                ret->check.message = arena_strdup(arena, ret->check.message);
                r = ret->check.message ? 0 : -ENOMEM;
        }
        return r < 0 ? error_oom(err) : 0;
}

static bool why_files_failed(const EnvironmentState *environment, const Deployment *deployment)
{
        const Control *control = environment->deployer->control;
        const char *problem;

        return control->calls->files_state(control->userdata, deployment, &problem) == FILES_FAILED;
}

/* Sets the release that the followed environment runs, and the one that it is getting. */
static int why_followed(EnvironmentState *environment, Arena *arena, EnvironmentWhy *ret,
                        Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Deployment followed;
        Release release;
        Uuid id;
        int r;

        if (!spec->follows)
                return 0;
        r = environment_candidate(environment, arena, &release, err);
        if (r > 0)
                ret->followed = release.name;
        if (r < 0)
                return r;
        id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->follows);
        r = store_deployment(environment->deployer->control->store, id.text, arena, &followed, err);
        if (r > 0 && followed.status == DEPLOYMENT_PROMOTING)
                ret->followed_next = followed.release_name;
        return MIN(r, 0);
}

int deployer_why(Deployer *deployer, const char *environment_id, Arena *arena, EnvironmentWhy *ret,
                 Error *err)
{
        Wanted *wanted = arena_alloc(arena, sizeof(*wanted));
        EnvironmentState *environment;
        PromotionInput input;
        int r;

        if (!wanted)
                return error_oom(err);
        *ret = (EnvironmentWhy){ 0 };
        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r >= 0)
                r = environment_plan(environment, arena, wanted, &input, &ret->promotion, err);
        if (r >= 0)
                r = why_is_held(environment, wanted, &ret->promotion, arena, err);
        if (r < 0)
                return r;
        ret->spec = environment->spec;
        ret->is_held = r > 0;
        ret->has_hold = wanted->on_hold;
        ret->hold = wanted->hold;
        ret->has_release = wanted->has_release;
        ret->release = wanted->release;
        ret->missing = wanted->missing;
        if (ret->has_release)
                input.release = &ret->release;
        r = ret->is_held ? why_candidate(environment, arena, &input, ret, err)
                         : why_deployed(environment, arena, &input, ret, err);
        if (r < 0)
                return r;
        ret->has_deployment = input.deployment != NULL;
        if (input.deployment)
                ret->deployment = *input.deployment;
        ret->lock_failed = ret->has_deployment && why_files_failed(environment, input.deployment);
        r = why_followed(environment, arena, ret, err);
        if (r >= 0)
                r = why_gates(environment, &input, arena, ret, err);
        return r < 0 ? r : why_pending(environment, arena, ret, err);
}
