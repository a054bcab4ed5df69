#pragma once

/* Takes turns: one holds the turn, the others wait in the order in which they came. Allocates
 * nothing; an item is a member of what waits, {0} at first. */

#include <stdbool.h>

typedef struct TurnItem {
        struct TurnItem *next;
        bool waiting;
} TurnItem;

typedef struct Turns {
        TurnItem *holder; /* NULL: the turn is free */
        TurnItem *first, *last;
} Turns;

/* Returns true if the item now holds the turn, or did already; else it waits. */
bool turns_take(Turns *turns, TurnItem *item);

/* The item no longer holds the turn, or waits for it; it need do neither. Returns the item that
 * holds the turn because of that, NULL if there is none. */
TurnItem *turns_leave(Turns *turns, TurnItem *item);
