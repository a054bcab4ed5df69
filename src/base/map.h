#pragma once

/* A hash map from text to pointer. Keys are borrowed: they must live as long as their entry. The
 * hash is keyed with a random secret per process, so that nobody can choose colliding tags.
 * Iteration is in order of insertion; removing keeps the order of the rest. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

typedef struct MapEntry {
        const char *key; /* NULL: the entry was removed */
        void *value;
} MapEntry;

typedef struct Map {
        MapEntry *entries;
        size_t n_entries; /* including removed ones */
        size_t n;         /* without removed ones */
        size_t capacity;
        unsigned *slots; /* index + 1 into entries, 0 free */
        size_t n_slots;  /* power of two */
} Map;

/* {0} is a valid empty map. */
void map_done(Map *map);
void map_clear(Map *map);

/* Makes room for n entries, so that no map_put() up to there rebuilds the table. -ENOMEM. */
int map_reserve(Map *map, size_t n);

/* Sets key to value and stores the previous value in *ret_old (NULL to drop it). Returns 1 if the
 * key is new, 0 if it existed, -ENOMEM. */
int map_put(Map *map, const char *key, void *value, void **ret_old);

/* Returns NULL if the key does not exist. */
void *map_get(const Map *map, const char *key);
bool map_has(const Map *map, const char *key);
void *map_remove(Map *map, const char *key);

/* Bytes that the map takes, without keys and values. */
size_t map_memory(const Map *map);

/* The hash of a key in this process. */
uint64_t map_hash(const char *key);

/* for (MapEntry *entry = ...) over the live entries. Inside the loop nothing may be added; the
 * entry itself may be removed. */
MapEntry *map_next(const Map *map, MapEntry *after);
#define map_foreach(map, entry)                                                                    \
        for (MapEntry *entry = map_next((map), NULL); entry; entry = map_next((map), entry))
