#pragma once

/* The number of digests that relmand requests from a repository: field resolve of a Component or a
 * Registry. */

#include <stdbool.h>
#include <stdint.h>

typedef struct Resolve {
        bool all;       /* "all" was given */
        int64_t newest; /* number of newest versions of each channel to resolve; 0: not given */
} Resolve;

extern const struct Schema resolve_schema;
