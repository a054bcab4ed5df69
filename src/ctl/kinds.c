/* Kinds of objects, as people write them. */

#include <string.h>

#include "ctl/ctl.h"

const CtlKind ctl_kinds[CTL_N_KINDS] = {
        { "component", "components", "components" },
        { "environment", "environments", "environments" },
        { "release", "releases", "releases" },
        { "registry", "registries", "registries" },
        { "stream", "streams", "streams" },
        { "tenant", "tenants", "tenants" },
        { "receiver", "receivers", "receivers" },
        { "version", "versions", "components" },
        { "tag", "tags", "components" },
};

const char *ctl_kind(const char *word)
{
        const char *found = NULL;
        size_t size = strlen(word);

        for (size_t i = 0; i < CTL_N_KINDS; i++) {
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
