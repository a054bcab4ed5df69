#pragma once

/* Checks whether registries still serve the images of a lockfile: fetches every manifest by its
 * digest and hashes its bytes. */

#include "lock/lock.h"
#include "model/model.h"

typedef struct CheckCounts {
        size_t n_good;
        size_t n_bad;         /* number of images that are missing or have other bytes */
        size_t n_unreachable; /* number of images about which nothing is known, since there was no
                                 answer */
} CheckCounts;

/* Checks a release, and prints a line for each component. model: Registry objects with credentials;
 * NULL: anonymous access over https. */
int ctl_registry_check(const Release *release, const Model *model, CheckCounts *ret, Error *err);
