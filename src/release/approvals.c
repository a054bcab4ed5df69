#include "release/approvals.h"

#include <errno.h>

#include "base/text.h"
#include "model/people.h"
#include "model/person.h"

#define PERSONS_NAMED 10

bool approvals_is_author(const Release *release, const char *person, const char *principal)
{
        return str_equal(release->created_person, person) ||
               (release->created_by && str_equal(release->created_by, principal));
}

ApprovalRight approvals_right(const ApprovalInput *input, const char *person, const char *principal)
{
        const ApprovalRules *rules = &input->environment->approvals;
        const char *tenant = input->environment->object.meta.tenant;

        if (rules->from.n > 0 && !people_have(input->model, tenant, &rules->from, person) &&
            !people_have(input->model, tenant, &rules->required, person))
                return APPROVAL_NOT_FROM;
        if (rules->exclude_author && approvals_is_author(input->release, person, principal))
                return APPROVAL_OF_AUTHOR;
        return APPROVAL_MAY;
}

/* Returns when an approval expires; 0: never. */
static usec_t expires_at(const ApprovalInput *input, const Approval *approval)
{
        usec_t after = input->environment->approvals.expire_after;

        if (after == 0)
                return 0;
        return after < USEC_INFINITY - approval->at ? approval->at + after : USEC_INFINITY;
}

/* True if the approval counts at the time of the input. If the clock was set back, an approval with
 * an expiry does not count before its own time. Otherwise an expired approval would count again. */
static bool is_valid_at(const ApprovalInput *input, const Approval *approval)
{
        usec_t until = expires_at(input, approval);

        return until == 0 || (approval->at <= input->now && input->now < until);
}

static bool may_count(const ApprovalInput *input, const Approval *approval)
{
        return !approval->is_rejection &&
               approvals_right(input, approval->person, approval->by) == APPROVAL_MAY;
}

static bool counts(const ApprovalInput *input, const Approval *approval)
{
        return is_valid_at(input, approval) && may_count(input, approval);
}

/* True if the approval is the newest one of its person that counts. Only this one is counted,
 * because it expires last. Among equal times, it is the first one in the list. */
static bool is_newest(const ApprovalInput *input, size_t at)
{
        const Approval *items = input->approvals->items;

        for (size_t i = 0; i < input->approvals->n; i++)
                if (i != at && streq(items[i].person, items[at].person) &&
                    counts(input, &items[i]) &&
                    (i < at ? items[i].at >= items[at].at : items[i].at > items[at].at))
                        return false;
        return true;
}

static void add_change(ApprovalState *state, usec_t at)
{
        if (state->changes_at == 0 || at < state->changes_at)
                state->changes_at = at;
}

static void count_approvals(const ApprovalInput *input, ApprovalState *state)
{
        for (size_t i = 0; i < input->approvals->n; i++) {
                const Approval *approval = &input->approvals->items[i];
                usec_t until = expires_at(input, approval);

                if (approval->is_rejection &&
                    (!state->rejection || state->rejection->at < approval->at))
                        state->rejection = approval;
                if (until > 0 && input->now < approval->at && may_count(input, approval))
                        add_change(state, approval->at);
                if (!counts(input, approval) || !is_newest(input, i))
                        continue;
                state->persons.items[state->persons.n++] = approval->person;
                if (until > 0)
                        add_change(state, until);
        }
}

/* True if an approval by the person, or by a member of the group, counts. */
static bool has_approval_of(const ApprovalInput *input, const ApprovalState *state,
                            const char *entry)
{
        const char *tenant = input->environment->object.meta.tenant;

        for (size_t i = 0; i < state->persons.n; i++)
                if (people_entry_has(input->model, tenant, entry, state->persons.items[i]))
                        return true;
        return false;
}

int approvals_evaluate(const ApprovalInput *input, Arena *arena, ApprovalState *ret)
{
        const Strings *required = &input->environment->approvals.required;
        size_t n = input->approvals ? input->approvals->n : 0;

        *ret = (ApprovalState){ .n_needed = approvals_needed(&input->environment->approvals) };
        if (ret->n_needed == 0)
                return 0;
        ret->persons.items = arena_alloc_array(arena, n + 1, sizeof(const char *));
        ret->missing.items = arena_alloc_array(arena, required->n + 1, sizeof(const char *));
        if (!ret->persons.items || !ret->missing.items)
                return -ENOMEM;
        if (input->approvals)
                count_approvals(input, ret);
        for (size_t i = 0; i < required->n; i++)
                if (!has_approval_of(input, ret, required->items[i]))
                        ret->missing.items[ret->missing.n++] = required->items[i];
        ret->n_more = MAX(ret->n_needed - (int64_t)ret->persons.n - (int64_t)ret->missing.n, 0);
        return 0;
}

int64_t approvals_missing(const ApprovalState *state)
{
        return (int64_t)state->missing.n + state->n_more;
}

bool approvals_suffice(const ApprovalState *state)
{
        return !state->rejection && approvals_missing(state) == 0;
}

/* --- texts ------------------------------------------------------------------------------------ */

const char *persons_text(const Strings *persons, const char *last, Arena *arena)
{
        size_t n = MIN(persons->n, (size_t)PERSONS_NAMED), n_items = n + (n < persons->n);
        const char *text = "";

        for (size_t i = 0; text && i < n; i++)
                text = arena_printf(arena, "%s%s%s", text, text_separator(i, n_items, last),
                                    persons->items[i]);
        if (text && n < persons->n)
                text = arena_printf(arena, "%s%s%zu more", text, last, persons->n - n);
        return text;
}

/* True if an approval by this person would count in addition to those that count now. */
static bool person_helps(const ApprovalInput *input, const ApprovalState *state, const char *person)
{
        return !strings_has(&state->persons, person) &&
               !(input->environment->approvals.exclude_author &&
                 approvals_is_author(input->release, person, NULL));
}

/* True if an approval by the person, or by a member of the group, would count in addition to those
 * that count now. */
static bool entry_helps(const ApprovalInput *input, const ApprovalState *state, const char *entry)
{
        const GroupSpec *group;

        if (strings_has(&state->missing, entry))
                return false; /* `missing` has this person or group already */
        if (!person_is_group(entry))
                return person_helps(input, state, entry);
        group = people_group(input->model, input->environment->object.meta.tenant, entry);
        for (size_t i = 0; group && i < group->members.n; i++)
                if (person_helps(input, state, group->members.items[i]))
                        return true;
        return false;
}

/* Finds the entries of `from` whose approval would still help. Returns 0 or -ENOMEM. */
static int find_candidates(const ApprovalInput *input, const ApprovalState *state, Arena *arena,
                           Strings *ret)
{
        const ApprovalRules *rules = &input->environment->approvals;

        *ret = (Strings){ .items = arena_alloc_array(arena, rules->from.n + 1,
                                                     sizeof(const char *)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < rules->from.n; i++)
                if (entry_helps(input, state, rules->from.items[i]))
                        ret->items[ret->n++] = rules->from.items[i];
        return 0;
}

/* Formats "1 more approval from bob or carl". */
static const char *more_text(const ApprovalInput *input, const ApprovalState *state, bool is_first,
                             Arena *arena)
{
        Strings candidates;
        const char *from = "";

        if (find_candidates(input, state, arena, &candidates) < 0)
                return NULL;
        if (candidates.n > 0)
                from = persons_text(&candidates, " or ", arena);
        return !from ? NULL
                     : arena_printf(arena, "%lld %sapproval%s%s%s", (long long)state->n_more,
                                    is_first ? "" : "more ", state->n_more == 1 ? "" : "s",
                                    from[0] ? " from " : "", from);
}

const char *approvals_noun(const ApprovalInput *input, const ApprovalState *state, bool is_first,
                           Arena *arena)
{
        const char *missing = persons_text(&state->missing, " and ", arena), *more = "";

        if (state->n_more > 0)
                more = more_text(input, state, is_first, arena);
        if (!missing || !more)
                return NULL;
        return arena_printf(arena, "%s%s%s", missing, missing[0] && more[0] ? " and " : "", more);
}

const char *approvals_openers(const ApprovalInput *input, const ApprovalState *state, Arena *arena)
{
        const char *missing = persons_text(&state->missing, " and ", arena), *others = "";
        Strings candidates;

        if (!missing || find_candidates(input, state, arena, &candidates) < 0)
                return NULL;
        if (state->n_more > 0 || state->rejection)
                others = candidates.n > 0 ? persons_text(&candidates, " or ", arena)
                                          : "a person who may approve";
        if (!others)
                return NULL;
        return arena_printf(arena, "%s%s%s", missing, missing[0] && others[0] ? ", and " : "",
                            others);
}
