#pragma once

/* A limit on the memory of several arenas and buffers together. Before an arena or a buffer
 * allocates memory, it takes the bytes from the quota. When it frees memory, it gives them back.
 * Quotas nest: taken bytes also count against the parent. */

#include <stdbool.h>
#include <stddef.h>

typedef struct Quota {
        struct Quota *parent; /* NULL: none */
        size_t max;
        size_t assured; /* the first bytes, which do not count against the parent */
        size_t used;
        bool is_short; /* a request did not fit; stays true until the owner resets it */
        /* a request would not fit even if nobody else had taken anything; stays true until the
         * owner resets it */
        bool is_over;
} Quota;

/* Takes size bytes. Returns false and takes nothing if they do not fit into this quota or a parent.
 * A NULL quota has no limit. */
bool quota_take(Quota *quota, size_t size);
/* Returns the bytes that can be taken from this quota in total if nobody else takes from its
 * parents. */
size_t quota_limit(const Quota *quota);
void quota_give(Quota *quota, size_t size);
/* Moves the taken bytes from the old parent to a new parent. Returns false and moves nothing if the
 * bytes do not fit into the new parent. */
bool quota_move(Quota *quota, Quota *parent);
