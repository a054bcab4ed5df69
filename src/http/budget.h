#pragma once

/* The memory budget for answers in progress. The daemon has one budget for all lists and manifests
 * together.
 *
 * A share is the memory of one operation, such as reading a tag list. Small shares fit into
 * BUDGET_TOGETHER together. A share that does not fit waits for its turn: it may then take up to
 * BUDGET_ALONE, and never waits again. Only one share at a time has the turn, in the order of
 * budget_wait(). So every share gets its turn, and no two shares wait for each other. */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct Budget Budget;

typedef struct BudgetShare {
        Budget *budget; /* NULL: the share has no limit */
        size_t used;
        bool alone; /* the share may exceed BUDGET_TOGETHER */
        bool waits;
        void (*ready)(void *userdata);
        void *userdata;
        struct BudgetShare *next; /* next of the waiting shares */
} BudgetShare;

int budget_new(sd_event *event, Budget **ret, Error *err);
Budget *budget_free(Budget *budget);
DEFINE_FREEP(Budget, budget_free)

/* Takes size more bytes. Returns 0, -EFBIG if the share would exceed BUDGET_ALONE, or -EAGAIN if
 * there is no room now. After -EAGAIN the caller frees the memory of answers that it can request
 * again, and calls budget_wait(). */
int budget_take(BudgetShare *share, size_t size);
void budget_give(BudgetShare *share, size_t size);

/* Replaces size bytes of the share with `by` bytes, which are already allocated. Never waits.
 * Returns 0, or -EFBIG if the share exceeds BUDGET_ALONE. */
int budget_replace(BudgetShare *share, size_t size, size_t by);

/* Calls ready() from the event loop once, when the share may exceed BUDGET_TOGETHER. */
void budget_wait(BudgetShare *share, void (*ready)(void *userdata), void *userdata);

/* Gives back all memory of the share and ends its waiting. Safe for an unused share, and safe to
 * call twice. */
void budget_share_done(BudgetShare *share);
