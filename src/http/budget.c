#include "http/budget.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"

struct Budget {
        /* defer source: chooses the next share that may exceed BUDGET_TOGETHER */
        sd_event_source *turn;
        size_t together; /* bytes used by all shares but `alone` */
        BudgetShare *alone;
        BudgetShare *first, *last; /* shares that wait */
};

static void budget_leave_queue(BudgetShare *share)
{
        Budget *budget = share->budget;
        BudgetShare **at, *before = NULL;

        if (!share->waits)
                return;
        for (at = &budget->first; *at != share; at = &(*at)->next)
                before = *at;
        *at = share->next;
        if (budget->last == share)
                budget->last = before;
        share->waits = false;
        share->next = NULL;
}

static void budget_set_alone(BudgetShare *share)
{
        share->alone = true;
        share->budget->alone = share;
        share->budget->together -= share->used;
}

static int on_turn(sd_event_source *source, void *userdata)
{
        Budget *budget = userdata;
        BudgetShare *share = budget->first;

        (void)source;
        if (!share || budget->alone)
                return 0;
        budget_leave_queue(share);
        budget_set_alone(share);
        share->ready(share->userdata);
        return 0;
}

static void budget_kick(Budget *budget)
{
        if (budget->first && !budget->alone)
                (void)sd_event_source_set_enabled(budget->turn, SD_EVENT_ONESHOT);
}

int budget_new(sd_event *event, Budget **ret, Error *err)
{
        _cleanup_(budget_freep) Budget *budget = calloc(1, sizeof(*budget));
        int r;

        if (!budget)
                return error_oom(err);
        r = sd_event_add_defer(event, &budget->turn, on_turn, budget);
        if (r >= 0)
                r = sd_event_source_set_enabled(budget->turn, SD_EVENT_OFF);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        *ret = TAKE(budget);
        return 0;
}

Budget *budget_free(Budget *budget)
{
        if (!budget)
                return NULL;
        sd_event_source_disable_unref(budget->turn);
        free(budget);
        return NULL;
}

static void budget_note(BudgetShare *share, size_t used)
{
        if (!share->alone) {
                share->budget->together -= share->used;
                share->budget->together += used;
        }
        share->used = used;
}

int budget_take(BudgetShare *share, size_t size)
{
        Budget *budget = share->budget;

        if (!budget)
                return 0;
        if (size > BUDGET_ALONE || share->used > BUDGET_ALONE - size)
                return -EFBIG;
        if (!share->alone && budget->together + size > BUDGET_TOGETHER) {
                if (budget->alone || budget->first)
                        return -EAGAIN;
                budget_set_alone(share);
        }
        budget_note(share, share->used + size);
        return 0;
}

void budget_give(BudgetShare *share, size_t size)
{
        if (share->budget)
                budget_note(share, share->used - MIN(size, share->used));
}

int budget_replace(BudgetShare *share, size_t size, size_t by)
{
        if (!share->budget)
                return 0;
        budget_note(share, share->used - MIN(size, share->used) + by);
        return share->used > BUDGET_ALONE ? -EFBIG : 0;
}

void budget_wait(BudgetShare *share, void (*ready)(void *userdata), void *userdata)
{
        Budget *budget = share->budget;

        share->ready = ready;
        share->userdata = userdata;
        share->waits = true;
        share->next = NULL;
        if (budget->last)
                budget->last->next = share;
        else
                budget->first = share;
        budget->last = share;
        budget_kick(budget);
}

void budget_share_done(BudgetShare *share)
{
        Budget *budget = share->budget;

        if (!budget)
                return;
        budget_leave_queue(share);
        budget_note(share, 0);
        if (budget->alone == share)
                budget->alone = NULL;
        *share = (BudgetShare){ 0 };
        budget_kick(budget);
}
