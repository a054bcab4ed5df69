#pragma once

/* Kind Group: names persons once for several environments. */

#include "model/object.h"

typedef struct GroupSpec {
        Object object;   /* must be first */
        Strings members; /* persons, no groups */
        Place members_place;
} GroupSpec;

typedef struct GroupSpecs {
        const GroupSpec **items;
        size_t n;
} GroupSpecs;
