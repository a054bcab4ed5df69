#pragma once

/* Reads the stored objects that a load compares with the documents. */

#include "base/arena.h"
#include "plan/settled.h"
#include "store/pages.h"

typedef struct LoadStored {
        StoredObjects objects;
        size_t capacity;
        bool has_begun;
        Unsettled unsettled; /* what the load compares */
        ObjectWalk walk;
} LoadStored;

/* Begins again with the first object. The caller clears the arena. */
void load_stored_clear(LoadStored *stored);
void load_stored_done(LoadStored *stored);

typedef struct LoadStoredInput {
        Store *store;
        Settled *settled;
        const Model *model; /* the documents */
        Arena *arena;       /* holds the objects */
} LoadStoredInput;

/* Reads until the monotonic time `until`. Returns 1 if there is more to do. With USEC_INFINITY, it
 * reads all objects, also those of settled components. */
int load_stored_step(LoadStored *stored, const LoadStoredInput *input, usec_t until, Error *err);
