/* Checks who may approve releases for an environment, and who may promote them. */

#include <errno.h>

#include "base/limits.h"
#include "model/person.h"
#include "spec/check.h"

static bool is_group_name(const char *entry)
{
        return person_is_group(entry) && name_is_valid(entry + strlen(PERSON_GROUP));
}

int check_persons(const char *field, const Strings *persons, Place place, DiagList *diags)
{
        int worst = 0;

        /* an empty list would let everybody do what the author meant to limit */
        if (persons->n == 0 && place.line > 0) {
                diag_error(diags, place, "%s: the list is empty; name a person, or omit the field",
                           field);
                return -EINVAL;
        }
        if (persons->n > PERSONS_MAX) {
                diag_error(diags, place, "%s: %zu persons are too many; at most %d are valid",
                           field, persons->n, PERSONS_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < persons->n; i++) {
                const char *entry = persons->items[i];

                if (!person_is_valid(entry) && !is_group_name(entry)) {
                        diag_error(
                                diags, place,
                                "%s: \"%s\" is nobody: a person is one word of at most %d bytes, "
                                "a Group is " PERSON_GROUP "NAME",
                                field, entry, PERSON_SIZE_MAX);
                        worst = -EINVAL;
                }
                for (size_t j = 0; j < i; j++)
                        if (streq(entry, persons->items[j])) {
                                diag_error(diags, place, "%s: '%s' stands twice", field, entry);
                                worst = -EINVAL;
                        }
        }
        return worst;
}

int check_approvals(const EnvironmentSpec *environment, DiagList *diags)
{
        const ApprovalRules *rules = &environment->approvals;
        int r, worst;

        worst = check_persons("approvals.from", &rules->from, rules->from_place, diags);
        r = check_persons("approvals.required", &rules->required, rules->required_place, diags);
        worst = MIN(worst, r);
        r = check_persons("promoters", &environment->promoters, environment->promoters_place,
                          diags);
        worst = MIN(worst, r);
        if (approvals_needed(rules) > 0 ||
            (rules->from.n == 0 && rules->expire_after == 0 && !rules->exclude_author))
                return worst;
        diag_error(diags, environment->approvals_place,
                   "approvals: count is missing: how many persons must approve?");
        return -EINVAL;
}

/* Compares the number of approvals with the persons that they may come from. */
int check_approvers(const EnvironmentSpec *environment, DiagList *diags)
{
        const ApprovalRules *rules = &environment->approvals;
        const Strings *lists[] = { &rules->from, &rules->required };
        const Strings *promoters = &environment->promoters;
        _cleanup_(map_done) Map persons = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lists); i++)
                for (size_t j = 0; j < lists[i]->n; j++)
                        if (person_is_group(lists[i]->items[j])) {
                                diag_error(diags,
                                           i == 0 ? rules->from_place : rules->required_place,
                                           "approvals: there is no Group '%s'",
                                           lists[i]->items[j] + strlen(PERSON_GROUP));
                                return -EINVAL;
                        }
        for (size_t i = 0; i < promoters->n; i++)
                if (person_is_group(promoters->items[i])) {
                        diag_error(diags, environment->promoters_place,
                                   "promoters: there is no Group '%s'",
                                   promoters->items[i] + strlen(PERSON_GROUP));
                        return -EINVAL;
                }
        if (rules->from.n == 0 || approvals_needed(rules) == 0)
                return 0;
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lists); i++)
                for (size_t j = 0; r >= 0 && j < lists[i]->n; j++) {
                        const char *person = lists[i]->items[j];

                        r = map_put(&persons, person, (void *)(uintptr_t)person, NULL);
                }
        if (r < 0)
                diags->failed = -ENOMEM;
        if (r < 0 || approvals_needed(rules) <= (int64_t)persons.n)
                return MIN(r, 0);
        diag_error(diags, rules->from_place,
                   "approvals: %lld are needed, and they may come from %zu person%s: no release "
                   "could ever be promoted",
                   (long long)approvals_needed(rules), persons.n, persons.n == 1 ? "" : "s");
        return -EINVAL;
}
