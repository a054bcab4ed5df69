#include "queue/due-heap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"

static void place(DueHeap *heap, size_t i, DueItem *item)
{
        heap->items[i] = item;
        item->index = i + 1;
}

static void sift_up(DueHeap *heap, size_t i)
{
        DueItem *item = heap->items[i];

        while (i > 0) {
                size_t parent = (i - 1) / 2;

                if (heap->items[parent]->at <= item->at)
                        break;
                place(heap, i, heap->items[parent]);
                i = parent;
        }
        place(heap, i, item);
}

static void sift_down(DueHeap *heap, size_t i)
{
        DueItem *item = heap->items[i];

        for (;;) {
                size_t child = 2 * i + 1;

                if (child >= heap->n)
                        break;
                if (child + 1 < heap->n && heap->items[child + 1]->at < heap->items[child]->at)
                        child++;
                if (heap->items[child]->at >= item->at)
                        break;
                place(heap, i, heap->items[child]);
                i = child;
        }
        place(heap, i, item);
}

void due_heap_done(DueHeap *heap)
{
        for (size_t i = 0; i < heap->n; i++)
                heap->items[i]->index = 0;
        free(heap->items);
        *heap = (DueHeap){ 0 };
}

int due_heap_set(DueHeap *heap, DueItem *item, usec_t at)
{
        int r;

        if (item->index == 0) {
                r = vec_reserve(&heap->items, &heap->capacity, heap->n + 1, sizeof(*heap->items));
                if (r < 0)
                        return r;
                place(heap, heap->n++, item);
        }
        item->at = at;
        sift_up(heap, item->index - 1);
        sift_down(heap, item->index - 1);
        return 0;
}

void due_heap_remove(DueHeap *heap, DueItem *item)
{
        size_t i;
        DueItem *last;

        if (item->index == 0)
                return;
        i = item->index - 1;
        item->index = 0;
        last = heap->items[--heap->n];
        if (last == item)
                return;
        place(heap, i, last);
        sift_up(heap, i);
        sift_down(heap, last->index - 1);
}

DueItem *due_heap_first(const DueHeap *heap)
{
        return heap->n > 0 ? heap->items[0] : NULL;
}
