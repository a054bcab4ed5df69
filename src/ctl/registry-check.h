#pragma once

/* Checks whether registries still serve the images of a lockfile: fetches every manifest by its
 * digest and hashes its bytes. */

#include "lock/lock.h"
#include "model/model.h"

typedef struct CheckCounts {
        size_t n_good;
        size_t n_bad;         /* missing, or other bytes */
        size_t n_unreachable; /* no answer: nothing is known */
} CheckCounts;

/* Prints a line for each component. model: Registry objects with credentials; NULL: anonymous
 * access over https. */
int ctl_registry_check(const Release *release, const Model *model, CheckCounts *ret, Error *err);
