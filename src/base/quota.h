#pragma once

/* A bound on memory that several arenas and buffers share. Whoever allocates takes first and gives
 * back later. Quotas nest: what is taken from one is taken from its parent too. */

#include <stdbool.h>
#include <stddef.h>

typedef struct Quota {
        struct Quota *parent; /* NULL: none */
        size_t max;
        size_t assured; /* so much of it is never asked of the parent */
        size_t used;
        bool is_short; /* something did not fit. Stays true until the owner resets it. */
} Quota;

/* False, with nothing taken, if it does not fit here or in a parent. NULL is a quota without a
 * bound. */
bool quota_take(Quota *quota, size_t size);
void quota_give(Quota *quota, size_t size);
