#pragma once

/* Checks whether registries still serve the images of a lockfile: fetches by its digest every
 * manifest that the lockfile or an index in it names, and the configurations of images, and hashes
 * their bytes. */

#include "lock/lock.h"
#include "model/model.h"

typedef struct CheckCounts {
        size_t n_good;
        size_t n_bad;         /* number of images that are missing or have other bytes */
        size_t n_unreachable; /* number of images whose registry did not answer */
} CheckCounts;

/* The release to check, and how to reach its registries. */
typedef struct CheckInput {
        const Release *release;
        const Model
                *model; /* Registry objects with credentials; NULL: anonymous access over https */
        /* HOST[:PORT][/NAME]: check this mirror instead of the registries; NULL: none. NAME is as
         * in model/mirror-name.h; by default it is the name of the mirror in the Registry
         * object. */
        const char *at;
} CheckInput;

/* Checks a release, and prints a line for each component. */
int ctl_registry_check(const CheckInput *input, CheckCounts *ret, Error *err);
