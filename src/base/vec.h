#pragma once

/* Growth for plain arrays held as {items, n, capacity}. */

#include <stddef.h>

/* Makes room for at least n items of the given size; doubles. Returns 0 or -ENOMEM, *items intact.
 */
int vec_reserve(void *items_pointer, size_t *capacity, size_t n, size_t item_size);
