#pragma once

/* Takes turns: a few hold a turn, the others wait in the order in which they came. Allocates
 * nothing; an item is a member of what waits, {0} at first. */

#include <stdbool.h>

typedef struct TurnItem {
        struct TurnItem *next;
        bool waiting, holds;
} TurnItem;

typedef struct Turns {
        unsigned max; /* turns at the same time */
        unsigned n;   /* turns that are taken */
        TurnItem *first, *last;
} Turns;

/* Returns true if the item now holds a turn, or did already; else it waits. */
bool turns_take(Turns *turns, TurnItem *item);

/* The item no longer holds a turn, or waits for one; it need do neither. Returns the item that
 * holds a turn because of that, NULL if there is none. */
TurnItem *turns_leave(Turns *turns, TurnItem *item);
