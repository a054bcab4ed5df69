#include "base/text-index.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/map.h"

#define SLOTS_MIN ((size_t)64)

void text_index_done(TextIndex *index)
{
        free(index->slots);
        *index = (TextIndex){ 0 };
}

static size_t slot_of_hash(const TextIndex *index, uint32_t hash)
{
        return (size_t)(hash * (uint64_t)index->n_slots >> 32);
}

static void put_slot(TextIndex *index, uint64_t slot)
{
        size_t mask = index->n_slots - 1, i = slot_of_hash(index, (uint32_t)(slot >> 32));

        while (index->slots[i] != 0)
                i = (i + 1) & mask;
        index->slots[i] = slot;
}

/* Each slot stores the hash of its key, so the table grows without hashing keys again. */
int text_index_reserve(TextIndex *index, size_t n)
{
        uint64_t *old = index->slots;
        size_t n_old = index->n_slots, n_slots = MAX(n_old, SLOTS_MIN);

        if (n >= UINT32_MAX)
                return -ENOMEM;
        while (n_slots * 3 < n * 4) /* at most three quarters are in use */
                n_slots *= 2;
        if (n_slots == n_old)
                return 0;
        index->slots = calloc(n_slots, sizeof(*index->slots));
        if (!index->slots) {
                index->slots = old;
                return -ENOMEM;
        }
        index->n_slots = n_slots;
        for (size_t i = 0; i < n_old; i++)
                if (old[i] != 0)
                        put_slot(index, old[i]);
        free(old);
        return 0;
}

int text_index_add(TextIndex *index, const char *key, size_t position)
{
        uint32_t hash = (uint32_t)map_hash(key);
        int r;

        r = text_index_reserve(index, MAX(index->n, position) + 1);
        if (r < 0)
                return r;
        put_slot(index, (uint64_t)hash << 32 | (position + 1));
        index->n++;
        return 0;
}

size_t text_index_find(const TextIndex *index, TextItems items, const char *key)
{
        uint32_t hash = (uint32_t)map_hash(key);
        size_t mask = index->n_slots - 1;

        if (index->n == 0)
                return SIZE_MAX;
        for (size_t i = slot_of_hash(index, hash); index->slots[i] != 0; i = (i + 1) & mask) {
                size_t position = (uint32_t)index->slots[i] - 1;
                const char *const *at =
                        (const void *)((const char *)items.items + position * items.item_size);

                if (index->slots[i] >> 32 == hash && streq(*at, key))
                        return position;
        }
        return SIZE_MAX;
}
