#include "registry/realm.h"

#include <errno.h>
#include <libpsl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "base/escape.h"
#include "base/macros.h"
#include "http/http.h"

/* True for an IP address. Addresses have no domain: "10.0.0.1" and "9.0.0.1" are unrelated. */
static bool is_address(const char *host)
{
        return strchr(host, ':') || strspn(host, "0123456789.") == strlen(host);
}

/* Domains in which each customer of a registry has a host, but which the public suffix list lacks.
 * Two hosts in such a domain may belong to different parties. */
static const char *const shared_domains[] = {
        /* REGISTRY.azurecr.io: https://learn.microsoft.com/azure/container-registry/, and the
         * clouds of
         * https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure,
         * https://learn.microsoft.com/azure/china/resources-developer-guide */
        "azurecr.io",
        "azurecr.us",
        "azurecr.cn",
        /* ACCOUNT.dkr.ecr.REGION.amazonaws.com, and hosts of customers of many other services:
         * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
        "amazonaws.com",
        "amazonaws.com.cn",
        /* SERVER.jfrog.io: https://jfrog.com/help/r/jfrog-artifactory-documentation/docker-registry
         */
        "jfrog.io",
};

static bool is_shared(const char *host)
{
        size_t size = strlen(host);

        if (size > 0 && host[size - 1] == '.')
                size--;
        for (size_t i = 0; i < ARRAY_SIZE(shared_domains); i++) {
                size_t n = strlen(shared_domains[i]);

                if (size > n && host[size - n - 1] == '.' &&
                    strncmp(host + size - n, shared_domains[i], n) == 0)
                        return true;
        }
        return false;
}

static void free_lower(char **text)
{
        psl_free_string(*text);
}

/* True if two hosts have the same registrable domain. The public suffix list is in lower case,
 * beyond ASCII too, so the hosts are converted to lower case first. */
static bool same_site(const char *a, const char *b)
{
        const psl_ctx_t *psl = psl_builtin();
        _cleanup_(free_lower) char *lower_a = NULL, *lower_b = NULL;
        const char *x, *y;

        if (strcasecmp(a, b) == 0)
                return true;
        if (is_address(a) || is_address(b) || !psl ||
            psl_str_to_utf8lower(a, "utf-8", NULL, &lower_a) != PSL_SUCCESS ||
            psl_str_to_utf8lower(b, "utf-8", NULL, &lower_b) != PSL_SUCCESS)
                return false;
        if (is_shared(lower_a) || is_shared(lower_b))
                return false;
        x = psl_registrable_domain(psl, lower_a);
        y = psl_registrable_domain(psl, lower_b);
        return x && y && streq(x, y);
}

static bool is_https(const char *url)
{
        return strncasecmp(url, "https://", 8) == 0;
}

/* True if two URLs are equal without query and fragment. */
static bool same_url(const char *a, const char *b)
{
        size_t x = strcspn(a, "?#"), y = strcspn(b, "?#");

        return x == y && strncmp(a, b, x) == 0;
}

bool realm_is_url(const char *realm)
{
        return is_https(realm) || strncasecmp(realm, "http://", 7) == 0;
}

int realm_check(const char *registry_url, const char *realm, const char *pinned, bool with_secret,
                Error *err)
{
        _cleanup_(freep) char *own = url_host(registry_url), *other = url_host(realm);
        char safe[256];
        const char *why = NULL;

        if (pinned && same_url(realm, pinned))
                return 0;
        if (!other || strchr(realm, '@') || !realm_is_url(realm))
                why = "is no URL that can be asked";
        else if (is_https(registry_url) && !is_https(realm))
                why = "is not https as the registry is";
        else if (pinned)
                why = "is not the one that auth.realm pins";
        else if (with_secret && (!own || !same_site(own, other)))
                why = "is on another domain, and gets no credentials; if it may have them, set "
                      "auth.realm of the Registry to it";
        if (!why)
                return 0;
        return error_set(err, ERROR_DENIED, -EPERM, "%s: its token server '%s' %s", registry_url,
                         escape_text(realm, strlen(realm), safe, sizeof(safe)), why);
}
