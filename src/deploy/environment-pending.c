/* What an environment is about to get, and what that waits for. */

#include <errno.h>

#include "deploy/environment-wanted.h"

#define PENDING_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* The last check of the digests of the release that is to get there failed. */
static int pending_failed_check(const EnvironmentState *environment, Arena *arena, Pending *ret)
{
        const EnvironmentCheck *check = environment->failed_check;
        const char *component = environment_check_component(check);
        const char *problem = environment_check_problem(check);
        const Error *error = environment_check_error(check);
        bool gone = error->kind == ERROR_NOT_FOUND;

        ret->message = error_message(error);
        if (environment->check || environment->n_promotions > 0) {
                ret->reason = "Checking";
                ret->waits_for =
                        arena_printf(arena, "its digests to be checked again (component '%s': %s)",
                                     component, problem);
        } else if (gone) {
                ret->reason = "DigestGone";
                ret->needs_action = true;
                ret->waits_for = arena_printf(
                        arena, "the digest of component '%s', which the registry no longer serves",
                        component);
        } else {
                ret->reason = "Unreachable";
                ret->waits_for =
                        arena_printf(arena, "an answer about the digest of component '%s': %s",
                                     component, problem);
        }
        return ret->waits_for ? 1 : -ENOMEM;
}

int environment_pending_check(const EnvironmentState *environment, const Release *release,
                              Arena *arena, Pending *ret)
{
        const EnvironmentCheck *failed = environment->failed_check;

        if (failed && streq(environment_check_release(failed), release->id.text))
                return pending_failed_check(environment, arena, ret);
        ret->reason = "Checking";
        ret->waits_for = "its digests to be checked";
        ret->message = "registries are asked whether they serve its digests";
        return 1;
}

int environment_pending_promotion(const EnvironmentState *environment, const Deployment *deployment,
                                  Arena *arena, Pending *ret)
{
        const Control *control = environment->deployer->control;
        const char *name = environment->spec->object.meta.name, *problem;
        bool is_written = control->calls->files_state(control->userdata, deployment, &problem) !=
                          FILES_FAILED;

        ret->release_id = deployment->release_id;
        ret->release = deployment->release_name;
        ret->reason = is_written ? "Promoting" : "LockNotWritten";
        ret->needs_action = is_written && environment->spec->confirm == CONFIRM_MANUAL;
        ret->message = is_written ? "it is in the lockfile, and not confirmed"
                                  : "its lockfile could not be written; that is tried again";
        ret->waits_for =
                !is_written ? "its lockfile (see relmanctl status)"
                : ret->needs_action
                        ? arena_printf(arena, "its confirmation (relmanctl confirm %s)", name)
                        : "its confirmation";
        return ret->waits_for ? 1 : -ENOMEM;
}

/* What spec or hold name is not there. */
static int pending_missing(const EnvironmentState *environment, const Wanted *wanted, Pending *ret)
{
        if (environment->spec->release) {
                ret->release = environment->spec->release;
                ret->waits_for = "a release of that name";
                return 1;
        }
        if (!wanted->on_hold || !wanted->hold.release_id)
                return 0; /* a stream that offers nothing */
        ret->release_id = ret->release = wanted->hold.release_id;
        ret->waits_for = "a release of that id";
        ret->needs_action = true;
        return 1;
}

static int pending_refused(const EnvironmentState *environment, const Wanted *wanted, Arena *arena,
                           Pending *ret)
{
        if (!wanted->on_hold)
                return 0; /* what a spec or a stream ask for, and does not come */
        ret->needs_action = true;
        ret->waits_for = arena_printf(arena, "another command (relmanctl cancel %s)",
                                      environment->spec->object.meta.name);
        return ret->waits_for ? 1 : -ENOMEM;
}

static int pending_wanted(const EnvironmentState *environment, const Wanted *wanted,
                          const Promotion *promotion, Arena *arena, Pending *ret)
{
        *ret = (Pending){ .reason = promotion->reason,
                          .message = promotion->message,
                          .waits_for = promotion->waits_for,
                          .needs_action = promotion->needs_action,
                          .opens_at = promotion->opens_at };
        if (wanted->has_release) {
                ret->release_id = wanted->release.id.text;
                ret->release = wanted->release.name;
        }
        switch (promotion->decision) {
        case PROMOTION_GO:
                return environment_pending_check(environment, &wanted->release, arena, ret);
        case PROMOTION_WAIT:
                return wanted->has_release ? 1 : pending_missing(environment, wanted, ret);
        case PROMOTION_REFUSED: return pending_refused(environment, wanted, arena, ret);
        case PROMOTION_NONE: break;
        }
        return 0;
}

static const char *copy(const char *text, Arena *arena, int *r)
{
        const char *own = text ? arena_strdup(arena, text) : NULL;

        if (text && !own)
                *r = -ENOMEM;
        return own;
}

int deployer_pending(Deployer *deployer, const char *environment_id, Arena *arena, Pending *ret,
                     Error *err)
{
        EnvironmentState *environment = map_get(&deployer->environments, environment_id);
        _cleanup_(arena_done) Arena own; /* whole releases are read, of which a name is needed */
        Pending pending = { 0 };
        PromotionInput input;
        Promotion promotion;
        Wanted wanted;
        int r;

        arena_init(&own, PENDING_ARENA_MAX);
        if (!environment)
                return 0;
        r = environment_plan(environment, &own, &wanted, &input, &promotion, err);
        if (r < 0)
                return r;
        /* first what command_cancel() cancels first */
        if (input.deployment && input.deployment->status == DEPLOYMENT_PROMOTING)
                r = environment_pending_promotion(environment, input.deployment, &own, &pending);
        else
                r = pending_wanted(environment, &wanted, &promotion, &own, &pending);
        if (r > 0)
                *ret = (Pending){ .release_id = copy(pending.release_id, arena, &r),
                                  .release = copy(pending.release, arena, &r),
                                  .reason = copy(pending.reason, arena, &r),
                                  .message = copy(pending.message, arena, &r),
                                  .waits_for = copy(pending.waits_for, arena, &r),
                                  .needs_action = pending.needs_action,
                                  .opens_at = pending.opens_at };
        return r < 0 ? error_oom(err) : r;
}
