#include "base/map.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/vec.h"

/* The hash is SipHash-1-3 (Aumasson and Bernstein) with a secret of the process, because keys come
 * from outside. */

#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

typedef struct SipState {
        uint64_t a, b, c, d;
} SipState;

/* Takes and returns values, so that the compiler keeps them in registers. */
static inline SipState sip_round(SipState v)
{
        v.a += v.b;
        v.b = ROTATE(v.b, 13) ^ v.a;
        v.a = ROTATE(v.a, 32);
        v.c += v.d;
        v.d = ROTATE(v.d, 16) ^ v.c;
        v.a += v.d;
        v.d = ROTATE(v.d, 21) ^ v.a;
        v.c += v.b;
        v.b = ROTATE(v.b, 17) ^ v.c;
        v.c = ROTATE(v.c, 32);
        return v;
}

static inline SipState sip_add(SipState v, uint64_t word)
{
        v.d ^= word;
        v = sip_round(v);
        v.a ^= word;
        return v;
}

static const uint64_t *hash_secret(void)
{
        static uint64_t secret[2];
        static bool known;

        /* if the kernel has no randomness yet (during boot), the secret can be guessed */
        if (!known && getrandom(secret, sizeof(secret), GRND_NONBLOCK) != sizeof(secret))
                secret[0] = (uintptr_t)&secret;
        known = true;
        return secret;
}

/* Returns the last word of the hash input: the remaining n bytes, and the size of the key in the
 * highest byte. */
static inline uint64_t last_word(const char *bytes, size_t n, size_t size)
{
        uint64_t word = (uint64_t)size << 56;

        for (size_t i = 0; i < n; i++)
                word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
        return word;
}

uint64_t map_hash(const char *key)
{
        const uint64_t *secret = hash_secret();
        SipState v = { secret[0] ^ 0x736f6d6570736575U, secret[1] ^ 0x646f72616e646f6dU,
                       secret[0] ^ 0x6c7967656e657261U, secret[1] ^ 0x7465646279746573U };
        size_t size = strlen(key), i = 0;
        uint64_t word;

        for (; i + 8 <= size; i += 8) {
                memcpy(&word, key + i, 8);
                v = sip_add(v, word);
        }
        v = sip_add(v, last_word(key + i, size - i, size));
        v.c ^= 0xff;
        v = sip_round(sip_round(sip_round(v)));
        return v.a ^ v.b ^ v.c ^ v.d;
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
static size_t find_slot(const Map *map, const char *key, uint32_t hash)
{
        size_t mask = map->n_slots - 1, i = hash & mask;

        for (;; i = (i + 1) & mask) {
                const MapEntry *entry;

                if (map->slots[i] == 0)
                        return i;
                entry = &map->entries[map->slots[i] - 1];
                if (entry->hash == hash && entry->key && streq(entry->key, key))
                        return i;
        }
}

static int rebuild(Map *map, size_t n_slots)
{
        unsigned *slots = calloc(n_slots, sizeof(*slots));
        size_t n = 0, mask = n_slots - 1;

        if (!slots)
                return -ENOMEM;
        free(map->slots);
        map->slots = slots;
        map->n_slots = n_slots;
        for (size_t i = 0; i < map->n_entries; i++)
                if (map->entries[i].key)
                        map->entries[n++] = map->entries[i];
        map->n_entries = n;
        for (size_t i = 0; i < n; i++) {
                size_t slot = map->entries[i].hash & mask;

                while (slots[slot] != 0)
                        slot = (slot + 1) & mask;
                slots[slot] = (unsigned)i + 1;
        }
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

int map_copy(const Map *from, Map *ret)
{
        Map copy = { 0 };

        if (from->n == 0)
                return 0;
        copy.entries = malloc(from->n_entries * sizeof(*copy.entries));
        copy.slots = malloc(from->n_slots * sizeof(*copy.slots));
        if (!copy.entries || !copy.slots) {
                map_done(&copy);
                return -ENOMEM;
        }
        memcpy(copy.entries, from->entries, from->n_entries * sizeof(*copy.entries));
        memcpy(copy.slots, from->slots, from->n_slots * sizeof(*copy.slots));
        copy.n_entries = copy.capacity = from->n_entries;
        copy.n_slots = from->n_slots;
        copy.n = from->n;
        map_done(ret);
        *ret = copy;
        return 0;
}

int map_put(Map *map, const char *key, void *value, void **ret_old)
{
        uint32_t hash = (uint32_t)map_hash(key);
        size_t slot;
        int r;

        r = make_room(map);
        if (r < 0)
                return r;
        slot = find_slot(map, key, hash);
        if (map->slots[slot] != 0) {
                MapEntry *entry = &map->entries[map->slots[slot] - 1];

                if (ret_old)
                        *ret_old = entry->value;
                *entry = (MapEntry){ .key = key, .value = value, .hash = hash };
                return 0;
        }
        r = vec_reserve(&map->entries, &map->capacity, map->n_entries + 1, sizeof(*map->entries));
        if (r < 0)
                return r;
        map->entries[map->n_entries++] = (MapEntry){ .key = key, .value = value, .hash = hash };
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
        slot = find_slot(map, key, (uint32_t)map_hash(key));
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
