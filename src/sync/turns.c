#include "sync/turns.h"

#include <stddef.h>

bool turns_take(Turns *turns, TurnItem *item)
{
        if (item->holds || item->waiting)
                return item->holds;
        if (turns->n < turns->max) {
                turns->n++;
                item->holds = true;
                return true;
        }
        item->waiting = true;
        item->next = NULL;
        if (turns->last)
                turns->last->next = item;
        else
                turns->first = item;
        turns->last = item;
        return false;
}

static void stop_waiting(Turns *turns, TurnItem *item)
{
        TurnItem **at = &turns->first, *before = NULL;

        for (; *at != item; at = &(*at)->next)
                before = *at;
        *at = item->next;
        if (turns->last == item)
                turns->last = before;
        *item = (TurnItem){ 0 };
}

TurnItem *turns_leave(Turns *turns, TurnItem *item)
{
        TurnItem *next = turns->first;

        if (item->waiting)
                stop_waiting(turns, item);
        if (!item->holds)
                return NULL;
        item->holds = false;
        if (!next) {
                turns->n--;
                return NULL;
        }
        stop_waiting(turns, next);
        next->holds = true;
        return next;
}
