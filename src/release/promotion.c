#include "release/promotion.h"

#include <errno.h>

#include "base/buffer.h"
#include "release/promotion-gates.h"
#include "release/promotion-windows.h"

#define REMOVALS_NAMED    10
#define REMOVALS_TEXT_MAX 4096 /* maximum size of the list of names, in bytes */

static int gate_status(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const Release *release = input->release;

        switch (release->status) {
        case RELEASE_DRAFT:
                return promotion_wait(
                        ret, "ReleaseNotReady",
                        arena_printf(
                                arena,
                                "release '%s' is a draft: not all of its components are resolved",
                                release->name),
                        "all of its components to be resolved");
        case RELEASE_DEPRECATED:
        case RELEASE_ARCHIVED:
                return promotion_answer(
                        ret, PROMOTION_REFUSED, "ReleaseNotPromotable",
                        arena_printf(arena, "release '%s' is %s and can no longer be promoted",
                                     release->name, release_status_to_string(release->status)));
        case RELEASE_READY:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return 0;
}

static int gate_failure(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *release = input->release->name;

        if (!input->failure)
                return 0;
        return promotion_answer(
                ret, PROMOTION_REFUSED,
                input->was_canceled ? "PromotionCanceled" : "DeploymentFailed",
                arena_printf(arena,
                             "release '%s' %s here: %s; name another one, or try it again "
                             "with relmanctl promote %s %s",
                             release, input->was_canceled ? "was canceled" : "failed",
                             input->failure, release, input->environment->object.meta.name));
}

/* Lists the names of components that the release lacks, as "a, b and 3 more"; NULL: none. Both
 * lists are sorted by name. A component that was deleted and created again with the same name does
 * not count as removed. */
static int list_removals(const ReleaseComponents *has, const Release *release, Arena *arena,
                         const char **ret, size_t *ret_n)
{
        const ReleaseComponents *new = &release->components;
        _cleanup_(buffer_done) Buffer names;
        size_t n = 0;

        buffer_init(&names, REMOVALS_TEXT_MAX);
        for (size_t i = 0, j = 0; i < has->n; i++) {
                const char *name = has->items[i].component_name;

                while (j < new->n && strcmp(new->items[j].component_name, name) < 0)
                        j++;
                if (j < new->n && streq(new->items[j].component_name, name))
                        continue;
                if (n++ < REMOVALS_NAMED)
                        (void)buffer_printf(&names, "%s%s", n > 1 ? ", " : "", name);
        }
        if (n > REMOVALS_NAMED)
                (void)buffer_printf(&names, " and %zu more", n - REMOVALS_NAMED);
        *ret_n = n;
        *ret = n > 0 && !names.failed ? arena_strdup(arena, names.data) : NULL;
        return names.failed || (n > 0 && !*ret) ? -ENOMEM : 0;
}

static int gate_removals(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *environment = input->environment->object.meta.name;
        const char *release = input->release->name, *names;
        size_t n = 0;
        int r = 0;

        if (input->has)
                r = list_removals(input->has, input->release, arena, &names, &n);
        if (r < 0 || n == 0)
                return r;
        return promotion_answer(
                ret, PROMOTION_REFUSED, "RemovesComponents",
                arena_printf(arena,
                             "release '%s' lacks %zu component%s that environment '%s' has: "
                             "%s; to remove %s: relmanctl promote %s %s --allow-removals",
                             release, n, n == 1 ? "" : "s", environment, names,
                             n == 1 ? "it" : "them", release, environment));
}

/* clang-format off */
static const struct {
        const char *name;
        int (*decide)(const PromotionInput *input, Arena *arena, Promotion *ret);
} gates[PROMOTION_GATE_MAX_] = {
        [GATE_STATUS]    = { "status",    gate_status },
        [GATE_FAILURE]   = { "failure",   gate_failure },
        [GATE_REMOVALS]  = { "removals",  gate_removals },
        [GATE_SOURCE]    = { "source",    promotion_gate_source },
        [GATE_APPROVALS] = { "approvals", promotion_gate_approvals },
        [GATE_CHECKS]    = { "checks",    promotion_gate_checks },
        [GATE_SOAK]      = { "soak",      promotion_gate_soak },
        [GATE_WINDOWS]   = { "windows",   promotion_gate_windows },
};
/* clang-format on */

const char *promotion_gate_to_string(PromotionGate gate)
{
        return gate < PROMOTION_GATE_MAX_ ? gates[gate].name : NULL;
}

int promotion_gate(PromotionGate gate, const PromotionInput *input, Arena *arena, Promotion *ret)
{
        *ret = (Promotion){ .decision = PROMOTION_GO };
        return gates[gate].decide(input, arena, ret);
}

int promotion_may_start_checks(const PromotionInput *input, Arena *arena)
{
        for (PromotionGate gate = 0; gate < GATE_APPROVALS; gate++) {
                Promotion answer;
                int r = promotion_gate(gate, input, arena, &answer);

                if (r < 0 || answer.decision != PROMOTION_GO)
                        return r;
        }
        return 1;
}

int promotion_gates(const PromotionInput *input, const Promotion *promotion, Arena *arena,
                    Promotion ret[PROMOTION_GATE_MAX_])
{
        bool is_kept_out = input->release && (promotion->decision == PROMOTION_WAIT ||
                                              promotion->decision == PROMOTION_REFUSED);
        int r = 0;

        for (PromotionGate gate = 0; r >= 0 && gate < PROMOTION_GATE_MAX_; gate++) {
                ret[gate] = (Promotion){ .decision = PROMOTION_GO };
                if (is_kept_out)
                        r = promotion_gate(gate, input, arena, &ret[gate]);
        }
        return r;
}

usec_t promotion_next(const Promotion answers[PROMOTION_GATE_MAX_], usec_t now)
{
        usec_t next = USEC_INFINITY;

        for (PromotionGate gate = 0; gate < PROMOTION_GATE_MAX_; gate++) {
                const usec_t times[] = { answers[gate].opens_at, answers[gate].again_at,
                                         answers[gate].changes_at };

                for (size_t i = 0; i < ARRAY_SIZE(times); i++)
                        if (times[i] > now)
                                next = MIN(next, times[i]);
        }
        return next < USEC_INFINITY ? next : 0;
}

bool promotion_is_there(const PromotionInput *input)
{
        return input->release && input->deployment &&
               deployment_has(input->deployment, input->release->id.text);
}

bool promotion_goes_back(const Release *now, const Release *candidate)
{
        return str_equal(now->stream_id, candidate->stream_id) &&
               now->sequence > candidate->sequence;
}

int promotion_decide(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        int r = 0;

        *ret = (Promotion){ .decision = PROMOTION_NONE };
        if (!input->release)
                return input->missing
                               ? promotion_answer(ret, PROMOTION_WAIT, "NoRelease", input->missing)
                               : 0;
        if (promotion_is_there(input))
                return 0;
        ret->decision = PROMOTION_GO;
        for (PromotionGate gate = 0;
             r >= 0 && ret->decision == PROMOTION_GO && gate < PROMOTION_GATE_MAX_; gate++)
                r = promotion_gate(gate, input, arena, ret);
        return r;
}
