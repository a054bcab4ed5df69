#include "release/promotion.h"

#include <errno.h>
#include <stdarg.h>

static int answer(Promotion *ret, PromotionDecision decision, const char *reason,
                  const char *message)
{
        *ret = (Promotion){ .decision = decision, .reason = reason, .message = message };
        return message ? 0 : -ENOMEM;
}

/* Sets a result that waits for something. */
static int waiting(Promotion *ret, const char *reason, const char *message, const char *waits_for)
{
        int r = answer(ret, PROMOTION_WAIT, reason, message);

        ret->waits_for = waits_for;
        return waits_for ? r : -ENOMEM;
}

static int check_status(const Release *release, Arena *arena, Promotion *ret)
{
        switch (release->status) {
        case RELEASE_DRAFT:
                return waiting(
                        ret, "ReleaseNotReady",
                        arena_printf(
                                arena,
                                "release '%s' is a draft: not all of its components are resolved",
                                release->name),
                        "all of its components to be resolved");
        case RELEASE_DEPRECATED:
        case RELEASE_ARCHIVED:
                return answer(
                        ret, PROMOTION_REFUSED, "ReleaseNotPromotable",
                        arena_printf(arena, "release '%s' is %s and can no longer be promoted",
                                     release->name, release_status_to_string(release->status)));
        case RELEASE_READY:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return 1;
}

static int refuse_failed(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *release = input->release->name;

        return answer(ret, PROMOTION_REFUSED,
                      input->was_canceled ? "PromotionCanceled" : "DeploymentFailed",
                      arena_printf(arena,
                                   "release '%s' %s here: %s; name another one, or try it again "
                                   "with relmanctl promote %s %s",
                                   release, input->was_canceled ? "was canceled" : "failed",
                                   input->failure, release, input->environment->object.meta.name));
}

static int wait_for_approvals(const PromotionInput *input, int64_t lacking, Arena *arena,
                              Promotion *ret)
{
        const EnvironmentSpec *environment = input->environment;
        const char *name = environment->object.meta.name, *release = input->release->name;
        int r;

        r = waiting(ret, "ApprovalsMissing",
                    arena_printf(arena,
                                 "release '%s' needs %lld more of %lld approvals for environment "
                                 "'%s'; relmanctl approve %s %s",
                                 release, (long long)lacking, (long long)environment->approvals,
                                 name, release, name),
                    arena_printf(arena, "%lld more %s (relmanctl approve %s %s)",
                                 (long long)lacking, lacking == 1 ? "approval" : "approvals",
                                 release, name));
        ret->needs_action = true;
        return r;
}

int promotion_decide(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const EnvironmentSpec *environment = input->environment;
        const Release *release = input->release;
        int64_t lacking = environment->approvals - (int64_t)input->n_approvals;
        int r;

        *ret = (Promotion){ .decision = PROMOTION_NONE };
        if (!release)
                return input->missing ? answer(ret, PROMOTION_WAIT, "NoRelease", input->missing)
                                      : 0;
        if (input->deployment && streq(input->deployment->release_id, release->id.text) &&
            input->deployment->status != DEPLOYMENT_FAILED)
                return 0;
        r = check_status(release, arena, ret);
        if (r <= 0)
                return r;
        if (input->failure)
                return refuse_failed(input, arena, ret);
        if (environment->promotes_from && !input->was_in_source) {
                r = waiting(ret, "NotInSource",
                            arena_printf(arena,
                                         "release '%s' was not deployed in environment '%s' yet; "
                                         "relmanctl promote %s %s",
                                         release->name, environment->promotes_from, release->name,
                                         environment->promotes_from),
                            arena_printf(arena, "its deployment in environment '%s'",
                                         environment->promotes_from));
                ret->needs_action = true;
                return r;
        }
        if (lacking > 0)
                return wait_for_approvals(input, lacking, arena, ret);
        ret->decision = PROMOTION_GO;
        return 0;
}
