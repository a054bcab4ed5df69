#include "base/vec.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/macros.h"

int vec_reserve(void *items_pointer, size_t *capacity, size_t n, size_t item_size)
{
        size_t wanted = MAX(*capacity * 2, (size_t)8);
        void *items;

        if (n <= *capacity)
                return 0;
        wanted = MAX(wanted, n);
        if (wanted > SIZE_MAX / item_size)
                return -ENOMEM;
        memcpy(&items, items_pointer, sizeof(items));
        items = realloc(items, wanted * item_size);
        if (!items)
                return -ENOMEM;
        memcpy(items_pointer, &items, sizeof(items));
        *capacity = wanted;
        return 0;
}
