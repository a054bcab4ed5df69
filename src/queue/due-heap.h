#pragma once

/* A binary heap of items by due time. An item is in at most one heap, once. */

#include <stddef.h>

#include "base/time.h"

typedef struct DueItem {
        usec_t at;
        size_t index; /* position in the heap, plus one; 0: in no heap. Private to due-heap.c */
} DueItem;

typedef struct DueHeap {
        DueItem **items;
        size_t n;
        size_t capacity;
} DueHeap;

/* {0} is a valid empty heap. */
void due_heap_done(DueHeap *heap);

/* Adds an item, or moves it to its new time. Returns 0 or -ENOMEM. */
int due_heap_set(DueHeap *heap, DueItem *item, usec_t at);
void due_heap_remove(DueHeap *heap, DueItem *item); /* no-op if it is not in the heap */

/* Returns the earliest item, NULL if empty. */
DueItem *due_heap_first(const DueHeap *heap);
