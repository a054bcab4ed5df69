#pragma once

/* A queue for turns: a few items hold a turn, and the others wait in order. Allocates nothing: an
 * item is a member of the struct that waits. It begins as {0}. */

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

/* Returns true if the item now holds a turn, or has held one before; otherwise it waits. */
bool turns_take(Turns *turns, TurnItem *item);

/* Ends the turn of the item, or its wait, if there is one. Returns the item that gets the turn;
 * NULL if there is none. */
TurnItem *turns_leave(Turns *turns, TurnItem *item);
