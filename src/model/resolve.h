#pragma once

/* How many digests of a repository are requested: field resolve of a Component or a Registry. */

#include <stdbool.h>
#include <stdint.h>

typedef struct Resolve {
        bool all;       /* "all" was given */
        int64_t newest; /* only so many newest versions of each channel; 0: not given */
} Resolve;

extern const struct Schema resolve_schema;
