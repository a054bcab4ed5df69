#pragma once

/* A limit on the memory of several arenas and buffers together. They take from the quota before
 * they allocate, and give back after they free. Quotas nest: what is taken also counts against the
 * parent. */

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

/* Takes size bytes. Returns false and takes nothing if they do not fit here or in a parent. A NULL
 * quota has no limit. */
bool quota_take(Quota *quota, size_t size);
/* Returns the bytes that can be taken from this quota in total if nobody else takes from its
 * parents. */
size_t quota_limit(const Quota *quota);
void quota_give(Quota *quota, size_t size);
/* Gives the taken bytes back to the parent and takes them from another one, which becomes the
 * parent. Returns false and changes no count if they do not fit there. */
bool quota_move(Quota *quota, Quota *parent);
