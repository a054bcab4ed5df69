#pragma once

/* A binary heap of items, sorted by due time. An item must not be in two heaps. */

#include <stddef.h>

#include "base/time.h"

typedef struct DueItem {
        usec_t at;
        size_t index; /* position in the heap plus 1; 0: not in a heap. Private to due-heap.c */
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
void due_heap_remove(DueHeap *heap, DueItem *item); /* no-op if the item is not in the heap */

/* Returns the item with the earliest time; NULL if the heap is empty. */
DueItem *due_heap_first(const DueHeap *heap);
