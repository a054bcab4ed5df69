#pragma once

/* The memory for all answers in progress. There is one budget for the daemon, so that many lists
 * and manifests are bounded together.
 *
 * A share is the memory of one question. Small shares fit together into BUDGET_TOGETHER. A share
 * that does not fit waits until it may exceed that, up to BUDGET_ALONE. Only one share may do so at
 * a time, in order of request, and it never waits again. So every share gets its turn, and no two
 * wait for each other. */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct Budget Budget;

typedef struct BudgetShare {
        Budget *budget; /* NULL: not in use */
        size_t used;
        bool alone; /* it may exceed BUDGET_TOGETHER */
        bool waits;
        void (*ready)(void *userdata);
        void *userdata;
        struct BudgetShare *next; /* in the list of waiting shares */
} BudgetShare;

int budget_new(sd_event *event, Budget **ret, Error *err);
Budget *budget_free(Budget *budget);
DEFINE_FREEP(Budget, budget_free)

/* Takes size more bytes. Returns 0; -EAGAIN if there is no room now: free what can be requested
 * again, then call budget_wait(); -EFBIG if it is more than one share may ever have. */
int budget_take(BudgetShare *share, size_t size);
void budget_give(BudgetShare *share, size_t size);

/* Replaces before bytes by size bytes that are already allocated. Never waits. -EFBIG beyond
 * BUDGET_ALONE. */
int budget_replace(BudgetShare *share, size_t size, size_t by);

/* Calls ready() from the event loop once the share may exceed the common limit. */
void budget_wait(BudgetShare *share, void (*ready)(void *userdata), void *userdata);

/* Returns all its memory. Safe for an unused share, and safe to call twice. */
void budget_share_done(BudgetShare *share);
