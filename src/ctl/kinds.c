/* Names of kinds, as a person types them. */

#include <string.h>

#include "ctl/ctl.h"

#define LISTED   " limit label text "
#define SEARCHED " status component digest version text label since until page page-size "

const CtlKind ctl_kinds[CTL_N_KINDS] = {
        { "component", "components", "components", LISTED },
        { "environment", "environments", "environments", LISTED },
        { "release", "releases", "releases", SEARCHED },
        { "registry", "registries", "registries", LISTED },
        { "stream", "streams", "streams", LISTED },
        { "calendar", "calendars", "calendars", LISTED },
        { "tenant", "tenants", "tenants", " limit " },
        { "receiver", "receivers", "receivers", "" },
        { "version", "versions", "components", " channel limit " },
        { "tag", "tags", "components", " limit " },
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
                        return word; /* the word is the beginning of two kinds */
                found = ctl_kinds[i].one;
        }
        return found && size > 0 ? found : word;
}

const CtlKind *ctl_find_kind(const char *one)
{
        for (size_t i = 0; i < CTL_N_KINDS; i++)
                if (streq(one, ctl_kinds[i].one))
                        return &ctl_kinds[i];
        return NULL;
}
