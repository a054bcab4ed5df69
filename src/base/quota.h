#pragma once

/* A bound on memory that several arenas and buffers share. An allocator takes from the quota first
 * and returns the amount later. Quotas nest: an amount also counts against the parent. */

#include <stdbool.h>
#include <stddef.h>

typedef struct Quota {
        struct Quota *parent; /* NULL: none */
        size_t max;
        size_t assured; /* this much never counts against the parent */
        size_t used;
        bool is_short; /* something did not fit. Stays true until the owner resets it. */
        bool is_over;  /* it would not fit even if nobody else held anything. Stays true until the
                        * owner resets it. */
} Quota;

/* Takes size bytes. Returns false, with nothing taken, if they do not fit here or in a parent. A
 * NULL quota has no bound. */
bool quota_take(Quota *quota, size_t size);
/* The most that the quota can hold if nobody else holds anything. */
size_t quota_limit(const Quota *quota);
void quota_give(Quota *quota, size_t size);
/* Moves the held amount from the current parent to another one. Returns false, with nothing
 * changed, if it does not fit there. */
bool quota_move(Quota *quota, Quota *parent);
