#include "sync/turns.h"

#include <stddef.h>

static bool turns_fit(const Turns *turns, size_t size)
{
        return turns->n == 0 || turns->n + size <= turns->max;
}

static void begin_waiting(Turns *turns, TurnItem *item)
{
        item->waiting = true;
        item->next = NULL;
        if (turns->last)
                turns->last->next = item;
        else
                turns->first = item;
        turns->last = item;
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

static void give_turn(Turns *turns, TurnItem *item)
{
        stop_waiting(turns, item);
        item->holds = true;
        turns->n += item->size;
}

static void stop_given(Turns *turns, TurnItem *item)
{
        TurnItem **at = &turns->given;

        while (*at != item)
                at = &(*at)->next;
        *at = item->next;
        item->given = false;
}

void turns_leave(Turns *turns, TurnItem *item)
{
        if (item->waiting)
                stop_waiting(turns, item);
        if (item->given)
                stop_given(turns, item);
        if (item->holds)
                turns->n -= item->size;
        *item = (TurnItem){ 0 };
}

bool turns_take(Turns *turns, TurnItem *item, size_t size)
{
        size_t before = item->size;

        if (item->holds) {
                turns_leave(turns, item);
                if (size <= before || turns_fit(turns, size)) {
                        *item = (TurnItem){ .size = size, .holds = true };
                        turns->n += size;
                        return true;
                }
        }
        item->size = size;
        if (!item->waiting)
                begin_waiting(turns, item);
        if (turns->first != item || !turns_fit(turns, size))
                return false;
        give_turn(turns, item);
        return true;
}

TurnItem *turns_next(Turns *turns)
{
        TurnItem *item = turns->first;

        if (!item || !turns_fit(turns, item->size))
                return NULL;
        give_turn(turns, item);
        item->given = true;
        item->next = turns->given;
        turns->given = item;
        return item;
}
