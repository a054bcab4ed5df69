/* Kinds of objects, as people write them. */

#include <string.h>

#include "ctl/ctl.h"

static const struct {
        const char *one, *many;
} ctl_kinds[] = {
        { "component", "components" },
        { "environment", "environments" },
        { "receiver", "receivers" },
        { "registry", "registries" },
        { "release", "releases" },
        { "stream", "streams" },
        { "tag", "tags" },
        { "tenant", "tenants" },
        { "version", "versions" },
};

const char *ctl_kind(const char *word)
{
        const char *found = NULL;
        size_t size = strlen(word);

        for (size_t i = 0; i < ARRAY_SIZE(ctl_kinds); i++) {
                if (streq(word, ctl_kinds[i].one) || streq(word, ctl_kinds[i].many))
                        return ctl_kinds[i].one;
                if (strncmp(word, ctl_kinds[i].one, size) != 0 &&
                    strncmp(word, ctl_kinds[i].many, size) != 0)
                        continue;
                if (found)
                        return word; /* it begins two of them */
                found = ctl_kinds[i].one;
        }
        return found && size > 0 ? found : word;
}
