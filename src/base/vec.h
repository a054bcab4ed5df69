#pragma once

/* Grows plain arrays that are stored as {items, n, capacity}. */

#include <stddef.h>

/* Makes room for at least n items of item_size bytes. items_pointer is the address of the pointer
 * to the items. Doubles the capacity when it grows. Returns 0, or -ENOMEM without a change. */
int vec_reserve(void *items_pointer, size_t *capacity, size_t n, size_t item_size);
