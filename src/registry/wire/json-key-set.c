#include "registry/wire/json-key-set.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/map.h"

void key_set_done(KeySet *set)
{
        free(set->slots);
        *set = (KeySet){ 0 };
}

/* Adds a hash to the slots. Returns false if the slots have it already. */
static bool put_hash(uint64_t *slots, size_t n_slots, uint64_t hash)
{
        size_t mask = n_slots - 1, i = (size_t)hash & mask;

        for (; slots[i] != 0; i = (i + 1) & mask)
                if (slots[i] == hash)
                        return false;
        slots[i] = hash;
        return true;
}

static int grow(KeySet *set)
{
        size_t n_slots = MAX(set->n_slots * 2, (size_t)4 * KEY_SET_FEW);
        uint64_t *slots = calloc(n_slots, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < set->n_slots; i++)
                if (set->slots[i] != 0)
                        (void)put_hash(slots, n_slots, set->slots[i]);
        for (size_t i = 0; !set->slots && i < set->n; i++)
                (void)put_hash(slots, n_slots, set->few[i]);
        free(set->slots);
        set->slots = slots;
        set->n_slots = n_slots;
        return 0;
}

int key_set_add(KeySet *set, const char *key)
{
        uint64_t hash = MAX(map_hash(key), (uint64_t)1);

        if (!set->slots)
                for (size_t i = 0; i < set->n; i++)
                        if (set->few[i] == hash)
                                return 0;
        if (!set->slots && set->n < KEY_SET_FEW) {
                set->few[set->n++] = hash;
                return 1;
        }
        if (set->n * 2 >= set->n_slots && grow(set) < 0)
                return -ENOMEM;
        if (!put_hash(set->slots, set->n_slots, hash))
                return 0;
        set->n++;
        return 1;
}
