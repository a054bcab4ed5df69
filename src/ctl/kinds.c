/* The names of kinds on the command line. */

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "ctl/ctl.h"

#define KINDS_TEXT_MAX 256 /* all kinds fit */

#define LISTED " limit label text "
#define SEARCHED                                                                                   \
        " status component digest layer base version text label since until page page-size "

const CtlKind ctl_kinds[CTL_N_KINDS] = {
        { "component", "components", "components", LISTED },
        { "environment", "environments", "environments", LISTED "as-of " },
        { "release", "releases", "releases", SEARCHED },
        { "registry", "registries", "registries", LISTED },
        { "stream", "streams", "streams", LISTED },
        { "calendar", "calendars", "calendars", LISTED },
        { "group", "groups", "groups", LISTED },
        { "tenant", "tenants", "tenants", " limit " },
        { "receiver", "receivers", "receivers", "" },
        { "output", "outputs", "environments", " limit " },
        { "version", "versions", "components", " channel limit " },
        { "tag", "tags", "components", " limit " },
};

static bool kind_begins(const CtlKind *kind, const char *word)
{
        size_t size = strlen(word);

        return size > 0 &&
               (strncmp(word, kind->one, size) == 0 || strncmp(word, kind->many, size) == 0);
}

/* Sets an error that lists the kinds that begin with the word. */
static int kind_ambiguous(const char *word, size_t n, Error *err)
{
        _cleanup_(buffer_done) Buffer all;
        size_t at = 0;

        buffer_init(&all, KINDS_TEXT_MAX);
        for (size_t i = 0; i < CTL_N_KINDS; i++)
                if (kind_begins(&ctl_kinds[i], word))
                        (void)buffer_printf(&all, "%s%s", text_separator(at++, n, " or "),
                                            ctl_kinds[i].one);
        return all.failed ? error_oom(err)
                          : error_set(err, ERROR_INVALID, -EINVAL,
                                      "kind '%s' is ambiguous: it may be %s; type more letters",
                                      word, all.data);
}

int ctl_kind(const char *word, const char **ret, Error *err)
{
        const CtlKind *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < CTL_N_KINDS; i++) {
                if (streq(word, ctl_kinds[i].one) || streq(word, ctl_kinds[i].many)) {
                        *ret = ctl_kinds[i].one;
                        return 0;
                }
                if (kind_begins(&ctl_kinds[i], word)) {
                        found = &ctl_kinds[i];
                        n++;
                }
        }
        if (n > 1)
                return kind_ambiguous(word, n, err);
        *ret = found ? found->one : word;
        return 0;
}

const CtlKind *ctl_find_kind(const char *one)
{
        for (size_t i = 0; i < CTL_N_KINDS; i++)
                if (streq(one, ctl_kinds[i].one))
                        return &ctl_kinds[i];
        return NULL;
}
