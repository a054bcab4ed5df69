#pragma once

/* A queue for turns: items hold turns while their sizes fit together, and the others wait in order.
 * Allocates nothing: an item is a member of the struct that waits. {0} is a valid new item. */

#include <stdbool.h>
#include <stddef.h>

typedef struct TurnItem {
        struct TurnItem *next; /* in the list of items that wait, or that were given their turn */
        size_t size;
        bool waiting, holds;
        bool given; /* turns_next() gave it its turn, and turns_take() was not called since */
} TurnItem;

typedef struct Turns {
        size_t max; /* maximum of all sizes together; a larger item has its turn alone */
        size_t n;   /* sizes of the turns that are taken */
        TurnItem *first, *last; /* items that wait */
        TurnItem *given;        /* items that were given their turn, the newest first */
} Turns;

/* Returns true if the item now holds a turn of this size; otherwise it waits. An item that held or
 * waited before gets the new size. If a larger size does not fit, the item loses its turn and waits
 * behind the others. Then turns_next() may give turns. */
bool turns_take(Turns *turns, TurnItem *item, size_t size);

/* Ends the turn of the item, or its wait, if there is one. Then turns_next() may give turns. */
void turns_leave(Turns *turns, TurnItem *item);

/* Gives the first item that waits its turn if it fits now. Returns the item, or NULL. */
TurnItem *turns_next(Turns *turns);
