#pragma once

/* Where credentials may go. */

#include "base/error.h"

/* Whether a registry's token server may be asked (and given credentials): the pinned realm, or one
 * on the same host or the same registrable domain, over the same or better transport security.
 * ERROR_DENIED names it and the way out. */
int realm_check(const char *registry_url, const char *realm, const char *pinned, Error *err);
