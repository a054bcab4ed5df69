#include "sync/turns.h"

#include <stddef.h>

static bool turns_fit(const Turns *turns, size_t size)
{
        return turns->n == 0 || turns->n + size <= turns->max;
}

bool turns_take(Turns *turns, TurnItem *item, size_t size)
{
        if (item->holds || item->waiting)
                return item->holds;
        item->size = size;
        if (!turns->first && turns_fit(turns, size)) {
                turns->n += size;
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
        item->waiting = false;
        item->next = NULL;
}

void turns_leave(Turns *turns, TurnItem *item)
{
        if (item->waiting)
                stop_waiting(turns, item);
        if (item->holds)
                turns->n -= item->size;
        *item = (TurnItem){ 0 };
}

TurnItem *turns_next(Turns *turns)
{
        TurnItem *item = turns->first;

        if (!item || !turns_fit(turns, item->size))
                return NULL;
        stop_waiting(turns, item);
        item->holds = true;
        turns->n += item->size;
        return item;
}
