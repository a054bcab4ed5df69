#pragma once

/* Which token server may be asked for a registry, and with what. */

#include <stdbool.h>

#include "base/error.h"

/* Whether a registry's token server may be asked. with_secret: credentials would be sent: then it
 * must be the pinned realm, or on the same host or the same registrable domain. Without, any host
 * may be asked, unless a realm is pinned. Always over the same or better transport security.
 * ERROR_DENIED names it and the way out. */
int realm_check(const char *registry_url, const char *realm, const char *pinned, bool with_secret,
                Error *err);

/* Whether it is a URL at all: some registries send a name. */
bool realm_is_url(const char *realm);
