#pragma once

/* Decides whether the token server (realm) that a registry names may be used. */

#include <stdbool.h>

#include "base/error.h"

/* Checks whether a registry's token server may be used. If pinned is not NULL, only that realm is
 * allowed. Otherwise, with_secret means that relman would send credentials: the server must then
 * have the same host or registrable domain as the registry. Without credentials any host is
 * allowed. An https registry requires an https realm, unless the realm is pinned. Returns 0, or
 * ERROR_DENIED that names the realm and the next step. */
int realm_check(const char *registry_url, const char *realm, const char *pinned, bool with_secret,
                Error *err);

/* True if a realm is a URL. Some registries send a name instead. */
bool realm_is_url(const char *realm);
