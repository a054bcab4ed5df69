#include "release/promotion.h"

#include <errno.h>
#include <stdarg.h>

static int answer(Promotion *ret, PromotionDecision decision, const char *reason,
                  const char *message)
{
        *ret = (Promotion){ .decision = decision, .reason = reason, .message = message };
        return message ? 0 : -ENOMEM;
}

static int check_status(const Release *release, Arena *arena, Promotion *ret)
{
        switch (release->status) {
        case RELEASE_DRAFT:
                return answer(
                        ret, PROMOTION_WAIT, "ReleaseNotReady",
                        arena_printf(
                                arena,
                                "release '%s' is a draft: not all of its components are resolved",
                                release->name));
        case RELEASE_DEPRECATED:
        case RELEASE_ARCHIVED:
                return answer(
                        ret, PROMOTION_REFUSED, "ReleaseNotPromotable",
                        arena_printf(arena, "release '%s' is %s: it is promoted nowhere any more",
                                     release->name, release_status_to_string(release->status)));
        case RELEASE_READY:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return 1;
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
                return answer(
                        ret, PROMOTION_REFUSED, "DeploymentFailed",
                        arena_printf(arena,
                                     "release '%s' failed here: %s; name another one, or try it "
                                     "again with relmanctl promote %s %s",
                                     release->name, input->failure, release->name,
                                     environment->object.meta.name));
        if (environment->promotes_from && !input->was_in_source)
                return answer(ret, PROMOTION_WAIT, "NotInSource",
                              arena_printf(arena,
                                           "release '%s' was not deployed in environment '%s' yet",
                                           release->name, environment->promotes_from));
        if (lacking > 0)
                return answer(
                        ret, PROMOTION_WAIT, "ApprovalsMissing",
                        arena_printf(
                                arena,
                                "release '%s' needs %lld more of %lld approvals for environment '%s'",
                                release->name, (long long)lacking,
                                (long long)environment->approvals, environment->object.meta.name));
        ret->decision = PROMOTION_GO;
        return 0;
}
