#include "registry/realm.h"

#include <errno.h>
#include <libpsl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "base/escape.h"
#include "http/http.h"

/* Addresses have no domain: "10.0.0.1" and "9.0.0.1" have nothing in common. */
static bool is_address(const char *host)
{
        return strchr(host, ':') || strspn(host, "0123456789.") == strlen(host);
}

static bool same_site(const char *a, const char *b)
{
        const psl_ctx_t *psl = psl_builtin();
        const char *x, *y;

        if (strcasecmp(a, b) == 0)
                return true;
        if (is_address(a) || is_address(b) || !psl)
                return false;
        x = psl_registrable_domain(psl, a);
        y = psl_registrable_domain(psl, b);
        return x && y && strcasecmp(x, y) == 0;
}

static bool is_https(const char *url)
{
        return strncasecmp(url, "https://", 8) == 0;
}

/* The realm up to its query. */
static bool same_url(const char *a, const char *b)
{
        size_t x = strcspn(a, "?#"), y = strcspn(b, "?#");

        return x == y && strncmp(a, b, x) == 0;
}

int realm_check(const char *registry_url, const char *realm, const char *pinned, Error *err)
{
        _cleanup_(freep) char *own = url_host(registry_url), *other = url_host(realm);
        char safe[256];
        const char *why = NULL;

        if (pinned && same_url(realm, pinned))
                return 0;
        if (!other || strchr(realm, '@') ||
            (!is_https(realm) && strncasecmp(realm, "http://", 7) != 0))
                why = "is no URL that can be asked";
        else if (is_https(registry_url) && !is_https(realm))
                why = "is not https as the registry is";
        else if (pinned)
                why = "is not the one that auth.realm pins";
        else if (!own || !same_site(own, other))
                why = "is on another domain; if that is right, set auth.realm of the Registry to it";
        if (!why)
                return 0;
        return error_set(err, ERROR_DENIED, -EPERM, "%s: its token server '%s' %s", registry_url,
                         escape_text(realm, strlen(realm), safe, sizeof(safe)), why);
}
