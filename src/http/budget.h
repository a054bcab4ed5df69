#pragma once

/* The memory that all answers under way have together. One budget for the daemon: what many lists
 * and manifests take at once stays bounded, whoever sends them.
 *
 * A share is what one question takes. Small shares have room together (BUDGET_TOGETHER). A share
 * that finds no room there waits until it may be the one that goes beyond (BUDGET_ALONE); there is
 * one at a time, in the order of asking, and it is never made to wait again. So all get their turn,
 * and no two wait for each other. */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct Budget Budget;

typedef struct BudgetShare {
        Budget *budget; /* NULL: not used yet */
        size_t used;
        bool alone; /* it is the one that may go beyond BUDGET_TOGETHER */
        bool waits;
        void (*ready)(void *userdata);
        void *userdata;
        struct BudgetShare *next; /* of those that wait */
} BudgetShare;

int budget_new(sd_event *event, Budget **ret, Error *err);
Budget *budget_free(Budget *budget);
DEFINE_FREEP(Budget, budget_free)

/* Takes size bytes more. 0; -EAGAIN: there is no room now, give back what can be had again and
 * budget_wait(); -EFBIG: more than one share may ever have. */
int budget_take(BudgetShare *share, size_t size);
void budget_give(BudgetShare *share, size_t size);

/* Notes bytes that are held already, in place of others: never waits. -EFBIG beyond BUDGET_ALONE.
 */
int budget_replace(BudgetShare *share, size_t size, size_t by);

/* Calls ready() from the event loop once the share may go beyond. */
void budget_wait(BudgetShare *share, void (*ready)(void *userdata), void *userdata);

/* Gives all back. Safe for a share that was never used, and twice. */
void budget_share_done(BudgetShare *share);
