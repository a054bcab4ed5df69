/* Decides the gate of approvals. */

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "release/approvals.h"
#include "release/promotion-gates.h"

/* Describes the rejection of a release; NULL: no memory. */
static const char *rejected_text(const Approval *rejection, Arena *arena)
{
        return arena_printf(arena, "rejected by %s%s%s", rejection->person,
                            rejection->message ? ": " : "",
                            rejection->message ? rejection->message : "");
}

static int wait_after_rejection(const ApprovalInput *input, const ApprovalState *state,
                                Arena *arena, Promotion *ret)
{
        const char *name = input->environment->object.meta.name, *release = input->release->name;
        const char *text = rejected_text(state->rejection, arena);
        int r;

        if (!text)
                return -ENOMEM;
        r = promotion_wait(ret, "Rejected",
                           arena_printf(arena,
                                        "release '%s' is not promoted to environment '%s': %s; "
                                        "relmanctl approve %s %s ends that",
                                        release, name, text, release, name),
                           arena_printf(arena, "a new approval: %s", text));
        ret->obstacle = OBSTACLE_REJECTION;
        ret->opened_by = approvals_openers(input, state, arena);
        return ret->opened_by ? r : -ENOMEM;
}

/* Returns a text why stored approvals do not count: "; that of bob expired at ...". */
static const char *excused_text(const ApprovalInput *input, Arena *arena)
{
        const usec_t after = input->environment->approvals.expire_after;
        const Approvals *approvals = input->approvals;
        const char *text = "";

        for (size_t i = 0; text && approvals && i < approvals->n; i++) {
                const Approval *approval = &approvals->items[i];
                char at[TIME_TEXT_SIZE];

                if (approval->is_rejection || strlen(text) > PERSON_SIZE_MAX)
                        continue;
                switch (approvals_right(input, approval->person, approval->by)) {
                case APPROVAL_OF_AUTHOR:
                        text = arena_printf(arena, "%s; %s created the release", text,
                                            approval->person);
                        break;
                case APPROVAL_NOT_FROM:
                        text = arena_printf(arena, "%s; that of %s does not count", text,
                                            approval->person);
                        break;
                case APPROVAL_MAY:
                        if (after > 0 && input->now < approval->at)
                                text = arena_printf(arena, "%s; that of %s counts from %s", text,
                                                    approval->person,
                                                    time_format(approval->at, at));
                        else if (after > 0 && input->now - approval->at >= after)
                                text = arena_printf(arena, "%s; that of %s expired at %s", text,
                                                    approval->person,
                                                    time_format(approval->at + after, at));
                        break;
                }
        }
        return text;
}

/* Describes the missing approvals. If the rules name persons, the text names those who have not
 * approved; otherwise it has their number. */
static const char *missing_text(const ApprovalInput *input, const ApprovalState *state,
                                const char *noun, Arena *arena)
{
        const ApprovalRules *rules = &input->environment->approvals;
        const char *name = input->environment->object.meta.name, *release = input->release->name;
        const char *excused = excused_text(input, arena);

        if (!excused)
                return NULL;
        if (rules->from.n > 0 || rules->required.n > 0)
                return arena_printf(arena,
                                    "release '%s' waits for %s in environment '%s' (%zu of %lld "
                                    "approvals%s); relmanctl approve %s %s",
                                    release, noun, name, state->persons.n,
                                    (long long)state->n_needed, excused, release, name);
        return arena_printf(arena,
                            "release '%s' needs %lld more of %lld approvals for environment "
                            "'%s'%s%s%s; relmanctl approve %s %s",
                            release, (long long)state->n_more, (long long)state->n_needed, name,
                            excused[0] ? " (" : "", excused[0] ? excused + strlen("; ") : "",
                            excused[0] ? ")" : "", release, name);
}

static int wait_for_approvals(const ApprovalInput *input, const ApprovalState *state, Arena *arena,
                              Promotion *ret)
{
        const char *name = input->environment->object.meta.name, *release = input->release->name;
        const char *noun = approvals_noun(input, state, false, arena);
        int r;

        if (!noun)
                return -ENOMEM;
        r = promotion_wait(
                ret, "ApprovalsMissing", missing_text(input, state, noun, arena),
                arena_printf(arena, "%s (relmanctl approve %s %s)", noun, release, name));
        ret->obstacle = OBSTACLE_APPROVALS;
        ret->opened_by = approvals_openers(input, state, arena);
        return ret->opened_by ? r : -ENOMEM;
}

ApprovalInput promotion_approvals(const PromotionInput *input)
{
        return (ApprovalInput){ .environment = input->environment,
                                .model = input->model,
                                .release = input->release,
                                .approvals = input->approvals,
                                .now = input->now };
}

int promotion_gate_approvals(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const ApprovalInput question = promotion_approvals(input);
        ApprovalState state;
        int r;

        r = approvals_evaluate(&question, arena, &state);
        if (r < 0 || state.n_needed == 0)
                return r;
        if (state.rejection)
                r = wait_after_rejection(&question, &state, arena, ret);
        else if (!approvals_suffice(&state))
                r = wait_for_approvals(&question, &state, arena, ret);
        ret->needs_action = ret->decision == PROMOTION_WAIT;
        ret->changes_at = state.changes_at;
        return r;
}
