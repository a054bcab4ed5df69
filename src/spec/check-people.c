/* Checks lists of persons: those who may approve or promote releases, and the members of groups. */

#include <errno.h>

#include "base/limits.h"
#include "model/people.h"
#include "model/person.h"
#include "spec/check.h"

static bool is_group_name(const char *entry)
{
        return person_is_group(entry) && name_is_valid(entry + strlen(PERSON_GROUP));
}

int check_persons(const char *field, const Strings *persons, Place place, DiagList *diags)
{
        size_t n_groups = 0;
        int worst = 0;

        /* an empty list would allow everybody, which the author cannot have meant */
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

                n_groups += person_is_group(entry);
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
        if (n_groups > GROUPS_NAMED_MAX) {
                diag_error(diags, place, "%s: %zu groups are too many; at most %d are valid", field,
                           n_groups, GROUPS_NAMED_MAX);
                worst = -EINVAL;
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

int check_group(const GroupSpec *group, DiagList *diags)
{
        int r;

        if (group->members.n == 0) {
                diag_error(diags, group->members_place, "group '%s' has no members",
                           group->object.meta.name);
                return -EINVAL;
        }
        r = check_persons("members", &group->members, group->members_place, diags);
        if (r < 0)
                return r;
        for (size_t i = 0; i < group->members.n; i++)
                if (person_is_group(group->members.items[i])) {
                        diag_error(diags, group->members_place,
                                   "members: '%s' is a Group; a Group has persons only",
                                   group->members.items[i]);
                        return -EINVAL;
                }
        return 0;
}

static int add_person(Map *persons, const char *person)
{
        return map_put(persons, person, (void *)(uintptr_t)person, NULL);
}

/* Adds the persons of a list, and the members of its groups, to a set. Returns 0 or -ENOMEM. */
static int add_persons(const Model *model, const char *tenant, const Strings *entries, Map *persons)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < entries->n; i++) {
                const GroupSpec *group = people_group(model, tenant, entries->items[i]);

                if (!person_is_group(entries->items[i]))
                        r = add_person(persons, entries->items[i]);
                for (size_t j = 0; r >= 0 && group && j < group->members.n; j++)
                        r = add_person(persons, group->members.items[j]);
        }
        return MIN(r, 0);
}

int check_approvers(const Model *model, const EnvironmentSpec *environment, DiagList *diags)
{
        const ApprovalRules *rules = &environment->approvals;
        const char *tenant = environment->object.meta.tenant;
        _cleanup_(map_done) Map persons = { 0 };
        int r;

        if (rules->from.n == 0 || approvals_needed(rules) == 0)
                return 0;
        r = add_persons(model, tenant, &rules->from, &persons);
        if (r >= 0)
                r = add_persons(model, tenant, &rules->required, &persons);
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
