#pragma once

/* Whether a registry still serves what a lockfile holds: every manifest fetched by its digest, its
 * bytes hashed. */

#include "lock/lock.h"
#include "model/model.h"

typedef struct CheckCounts {
        size_t n_good;
        size_t n_bad;         /* gone, or other bytes */
        size_t n_unreachable; /* not answered: nothing is known */
} CheckCounts;

/* Prints a line for each component. model: Registry objects to ask by (NULL: anonymously over
 * https). */
int ctl_registry_check(const Release *release, const Model *model, CheckCounts *ret, Error *err);
