#include "model/people.h"

#include <string.h>

#include "model/person.h"

const GroupSpec *people_group(const Model *model, const char *tenant, const char *entry)
{
        const char *name = entry + strlen(PERSON_GROUP);
        size_t first = 0, end;

        if (!model || !person_is_group(entry))
                return NULL;
        end = model->groups.n; /* groups are sorted by tenant, then by name */
        while (first < end) {
                size_t middle = first + (end - first) / 2;
                const GroupSpec *group = model->groups.items[middle];
                int c = strcmp(group->object.meta.tenant, tenant);

                if (c == 0)
                        c = strcmp(group->object.meta.name, name);
                if (c == 0)
                        return group;
                if (c < 0)
                        first = middle + 1;
                else
                        end = middle;
        }
        return NULL;
}

bool people_entry_has(const Model *model, const char *tenant, const char *entry, const char *person)
{
        const GroupSpec *group;

        if (!person_is_group(entry))
                return streq(entry, person);
        group = people_group(model, tenant, entry);
        return group && strings_has(&group->members, person);
}

bool people_have(const Model *model, const char *tenant, const Strings *entries, const char *person)
{
        for (size_t i = 0; i < entries->n; i++)
                if (people_entry_has(model, tenant, entries->items[i], person))
                        return true;
        return false;
}

static bool names_group(const Strings *entries, const char *name)
{
        for (size_t i = 0; i < entries->n; i++)
                if (person_is_group(entries->items[i]) &&
                    streq(entries->items[i] + strlen(PERSON_GROUP), name))
                        return true;
        return false;
}

static bool check_names_group(const CheckSpecs *checks, const char *name)
{
        for (size_t i = 0; i < checks->n; i++)
                if (names_group(&checks->items[i].from, name))
                        return true;
        return false;
}

bool people_name_group(const EnvironmentSpec *environment, const GroupSpec *group)
{
        const char *name = group->object.meta.name;

        return streq(environment->object.meta.tenant, group->object.meta.tenant) &&
               (names_group(&environment->approvals.from, name) ||
                names_group(&environment->approvals.required, name) ||
                names_group(&environment->promoters, name) ||
                check_names_group(&environment->checks.before, name) ||
                check_names_group(&environment->checks.after, name));
}
