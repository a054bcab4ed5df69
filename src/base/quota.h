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
        bool is_over;  /* and would not have fitted had nobody else held anything; likewise */
} Quota;

/* False, with nothing taken, if it does not fit here or in a parent. NULL is a quota without a
 * bound. */
bool quota_take(Quota *quota, size_t size);
/* The most that the quota can hold if nobody else holds anything. */
size_t quota_limit(const Quota *quota);
void quota_give(Quota *quota, size_t size);
/* Asks another parent for what is held, and gives it back to the one before. False, with nothing
 * changed, if it does not fit there. */
bool quota_move(Quota *quota, Quota *parent);
