#include "base/sort.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"

int sorting_init(Sorting *sorting, size_t n)
{
        *sorting = (Sorting){ .n = n, .width = 1, .right = 1 };
        sorting->items = calloc(n + 1, sizeof(void *));
        sorting->spare = calloc(n + 1, sizeof(void *));
        if (sorting->items && sorting->spare)
                return 0;
        sorting_done(sorting);
        return -ENOMEM;
}

void sorting_done(Sorting *sorting)
{
        free(sorting->items);
        free(sorting->spare);
        *sorting = (Sorting){ 0 };
}

static void begin_merge(Sorting *sorting, size_t begin)
{
        sorting->begin = sorting->left = sorting->out = begin;
        sorting->right = MIN(begin + sorting->width, sorting->n);
}

/* Merges two neighbouring runs into the spare array. Returns 1 if the time is up before the merge
 * is complete. */
static int merge(Sorting *sorting, SortingCompare compare, usec_t until)
{
        void **from = sorting->items;
        size_t middle = MIN(sorting->begin + sorting->width, sorting->n);
        size_t end = MIN(middle + sorting->width, sorting->n);

        while (sorting->out < end) {
                size_t *at = sorting->right >= end || (sorting->left < middle &&
                                                       compare(from[sorting->left],
                                                               from[sorting->right]) <= 0)
                                     ? &sorting->left
                                     : &sorting->right;

                sorting->spare[sorting->out++] = from[(*at)++];
                if (time_is_up(sorting->out, until))
                        return 1;
        }
        return 0;
}

int sorting_step(Sorting *sorting, SortingCompare compare, usec_t until)
{
        while (sorting->width < sorting->n) {
                void **merged = sorting->spare;

                while (sorting->begin < sorting->n) {
                        if (merge(sorting, compare, until) > 0)
                                return 1;
                        begin_merge(sorting, sorting->out);
                }
                sorting->spare = sorting->items;
                sorting->items = merged;
                sorting->width *= 2;
                begin_merge(sorting, 0);
        }
        /* free this now: the caller may keep the sorted array for a long time */
        free(sorting->spare);
        sorting->spare = NULL;
        return 0;
}
