#include "base/map.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/vec.h"

/* The hash is SipHash-1-3 (Aumasson and Bernstein) with a secret of the process, because keys come
 * from outside. */

#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static void sip_round(uint64_t v[4])
{
        v[0] += v[1];
        v[1] = ROTATE(v[1], 13) ^ v[0];
        v[0] = ROTATE(v[0], 32);
        v[2] += v[3];
        v[3] = ROTATE(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = ROTATE(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = ROTATE(v[1], 17) ^ v[2];
        v[2] = ROTATE(v[2], 32);
}

static const uint64_t *hash_secret(void)
{
        static uint64_t secret[2];
        static bool known;

        /* if the kernel has no randomness yet (during boot), the hash works with a key that can be
         * guessed */
        if (!known && getrandom(secret, sizeof(secret), GRND_NONBLOCK) != sizeof(secret))
                secret[0] = (uintptr_t)&secret;
        known = true;
        return secret;
}

uint64_t map_hash(const char *key)
{
        const uint64_t *secret = hash_secret();
        uint64_t v[4] = { secret[0] ^ 0x736f6d6570736575U, secret[1] ^ 0x646f72616e646f6dU,
                          secret[0] ^ 0x6c7967656e657261U, secret[1] ^ 0x7465646279746573U };
        size_t size = strlen(key), i = 0;
        uint64_t word;

        for (; i + 8 <= size; i += 8) {
                memcpy(&word, key + i, 8);
                v[3] ^= word;
                sip_round(v);
                v[0] ^= word;
        }
        word = (uint64_t)size << 56;
        for (size_t j = 0; i + j < size; j++)
                word |= (uint64_t)(unsigned char)key[i + j] << (8 * j);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
        v[2] ^= 0xff;
        for (int j = 0; j < 3; j++)
                sip_round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_clear(Map *map)
{
        map->n = map->n_entries = 0;
        if (map->slots)
                memset(map->slots, 0, map->n_slots * sizeof(*map->slots));
}

void map_done(Map *map)
{
        free(map->entries);
        free(map->slots);
        *map = (Map){ 0 };
}

/* Finds the slot of a key, or the free slot where it belongs. Slots of removed entries stay in use
 * until the table is rebuilt, so that probing continues past them. */
static size_t find_slot(const Map *map, const char *key)
{
        size_t mask = map->n_slots - 1;
        size_t i = (size_t)map_hash(key) & mask;

        for (;; i = (i + 1) & mask) {
                const MapEntry *entry;

                if (map->slots[i] == 0)
                        return i;
                entry = &map->entries[map->slots[i] - 1];
                if (entry->key && streq(entry->key, key))
                        return i;
        }
}

static int rebuild(Map *map, size_t n_slots)
{
        unsigned *slots = calloc(n_slots, sizeof(*slots));
        size_t n = 0;

        if (!slots)
                return -ENOMEM;
        free(map->slots);
        map->slots = slots;
        map->n_slots = n_slots;
        for (size_t i = 0; i < map->n_entries; i++)
                if (map->entries[i].key)
                        map->entries[n++] = map->entries[i];
        map->n_entries = n;
        for (size_t i = 0; i < n; i++)
                map->slots[find_slot(map, map->entries[i].key)] = (unsigned)i + 1;
        return 0;
}

/* Grows the table so that at most half of the slots are in use. */
static int make_room(Map *map)
{
        size_t n_slots = MAX(map->n_slots, (size_t)16);

        if (map->n_entries + 1 >= UINT32_MAX)
                return -ENOMEM;
        if (map->n_slots > 0 && (map->n_entries + 1) * 2 <= map->n_slots)
                return 0;
        while ((map->n + 1) * 4 > n_slots)
                n_slots *= 2;
        return rebuild(map, n_slots);
}

int map_reserve(Map *map, size_t n)
{
        size_t n_slots = MAX(map->n_slots, (size_t)16);

        if (n >= UINT32_MAX / 2)
                return -ENOMEM;
        while (n * 2 > n_slots)
                n_slots *= 2;
        if (vec_reserve(&map->entries, &map->capacity, n, sizeof(*map->entries)) < 0)
                return -ENOMEM;
        return n_slots > map->n_slots ? rebuild(map, n_slots) : 0;
}

int map_put(Map *map, const char *key, void *value, void **ret_old)
{
        size_t slot;
        int r;

        r = make_room(map);
        if (r < 0)
                return r;
        slot = find_slot(map, key);
        if (map->slots[slot] != 0) {
                MapEntry *entry = &map->entries[map->slots[slot] - 1];

                if (ret_old)
                        *ret_old = entry->value;
                *entry = (MapEntry){ .key = key, .value = value };
                return 0;
        }
        r = vec_reserve(&map->entries, &map->capacity, map->n_entries + 1, sizeof(*map->entries));
        if (r < 0)
                return r;
        map->entries[map->n_entries++] = (MapEntry){ .key = key, .value = value };
        map->slots[slot] = (unsigned)map->n_entries;
        map->n++;
        if (ret_old)
                *ret_old = NULL;
        return 1;
}

static MapEntry *find(const Map *map, const char *key)
{
        size_t slot;

        if (map->n == 0)
                return NULL;
        slot = find_slot(map, key);
        return map->slots[slot] != 0 ? &map->entries[map->slots[slot] - 1] : NULL;
}

void *map_get(const Map *map, const char *key)
{
        const MapEntry *entry = find(map, key);

        return entry ? entry->value : NULL;
}

bool map_has(const Map *map, const char *key)
{
        return find(map, key) != NULL;
}

void *map_remove(Map *map, const char *key)
{
        MapEntry *entry = find(map, key);
        void *value;

        if (!entry)
                return NULL;
        value = entry->value;
        *entry = (MapEntry){ 0 };
        map->n--;
        return value;
}

size_t map_memory(const Map *map)
{
        return map->capacity * sizeof(*map->entries) + map->n_slots * sizeof(*map->slots);
}

MapEntry *map_next(const Map *map, MapEntry *after)
{
        size_t i = after ? (size_t)(after - map->entries) + 1 : 0;

        for (; i < map->n_entries; i++)
                if (map->entries[i].key)
                        return &map->entries[i];
        return NULL;
}
