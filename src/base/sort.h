#pragma once

/* Sorts pointers in steps, for sorts that take longer than a turn of the event loop. It is a merge
 * sort: stable, at most n log n comparisons. {0} is valid and empty. */

#include <stddef.h>

#include "base/time.h"

typedef struct Sorting {
        void **items; /* the caller fills them before the first step; they are sorted after the last
                         step */
        void **spare;
        size_t n;
        size_t width;                   /* size of the sorted runs that are being merged */
        size_t begin, left, right, out; /* positions in the two runs that are being merged */
} Sorting;

/* Compares like the function of qsort(), but gets the items, not pointers to them. */
typedef int (*SortingCompare)(const void *a, const void *b);

/* Allocates the array for n items. Returns 0 or -ENOMEM. */
int sorting_init(Sorting *sorting, size_t n);
void sorting_done(Sorting *sorting);

/* Continues the sort until the monotonic time `until`. Returns 1 if the sort is not complete, 0 if
 * all items are sorted. */
int sorting_step(Sorting *sorting, SortingCompare compare, usec_t until);
