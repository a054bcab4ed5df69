/* Decides whether a redirect is followed. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "http/internal.h"

static bool has_scheme(const char *url, const char *scheme)
{
        return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

/* Returns the target of a redirect, malloc()ed. If it must not be followed, returns NULL and sets
 * call->error. */
static char *redirect_target(HttpCall *call, const char *location)
{
        char *target = url_resolve(call->url, location);
        const char *why = NULL;

        if (!target)
                why = "its Location is no URL";
        else if (has_scheme(call->url, "https:") && !has_scheme(target, "https:"))
                why = "it leads from https to something else";
        else if (!has_scheme(target, "https:") &&
                 !(has_scheme(target, "http:") && call->pool->allow_plain))
                why = "it leads to another protocol";
        else if (call->same_origin && !url_same_origin(target, call->origin_url))
                why = "it leads to another server";
        else if (call->n_redirects >= HTTP_REDIRECT_MAX)
                why = "there are too many of them";
        if (!why)
                return target;
        (void)error_set(&call->error, ERROR_HOSTILE, -ELOOP, "%s %.*s: redirect not followed: %s",
                        call_method_name(call), call_url_size(call), call->url, why);
        free(target);
        return NULL;
}

/* Sets call->other_host from the current URL. */
static int note_host(HttpCall *call)
{
        _cleanup_(freep) char *host = url_host(call->url), *own = url_host(call->origin_url);

        if (!host || !own)
                return error_oom(&call->error);
        free(call->other_host);
        call->other_host = strcasecmp(host, own) == 0 ? NULL : TAKE(host);
        return 0;
}

int redirect_take(HttpCall *call, const char *location)
{
        char *target = redirect_target(call, location);

        if (!target)
                return -ELOOP;
        free(call->url);
        call->url = target;
        call->n_redirects++;
        call->n_tries = 0;
        return note_host(call);
}
