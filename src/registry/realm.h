#pragma once

/* Decides which token server may be used for a registry, and with which data. */

#include <stdbool.h>

#include "base/error.h"

/* Checks whether a registry's token server may be used. with_secret: credentials would be sent. It
 * must then be the pinned realm, or on the same host or registrable domain. Without secrets any
 * host is allowed, unless a realm is pinned. Transport security must not be weaker. ERROR_DENIED
 * names the realm and the next step. */
int realm_check(const char *registry_url, const char *realm, const char *pinned, bool with_secret,
                Error *err);

/* True if it is a URL: some registries send a name. */
bool realm_is_url(const char *realm);
