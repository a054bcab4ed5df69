#pragma once

/* Sorts pointers in steps, for sorts that take longer than a turn of the loop. A merge sort:
 * stable, n log n comparisons in every case. {0} is an empty one. */

#include <stddef.h>

#include "base/time.h"

typedef struct Sorting {
        void **items; /* fill them before the first step; sorted after the last */
        void **spare;
        size_t n;
        size_t width;                   /* size of the sorted runs that are being merged */
        size_t begin, left, right, out; /* positions in two such runs */
} Sorting;

/* Same as qsort()'s, but gets the items themselves. */
typedef int (*SortingCompare)(const void *a, const void *b);

/* Makes room for n items. -ENOMEM. */
int sorting_init(Sorting *sorting, size_t n);
void sorting_done(Sorting *sorting);

/* Works until the monotonic time until; returns 1 if there is more to do, 0 at the end. */
int sorting_step(Sorting *sorting, SortingCompare compare, usec_t until);
