#pragma once

/* A hash map from text to pointer. Keys are borrowed: they must live as long as their entry. The
 * hash is keyed with a random secret of the process, so that nobody can choose keys that collide
 * (tags, for example). Iteration is in order of insertion; removing an entry keeps the order of the
 * others. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

typedef struct MapEntry {
        const char *key; /* NULL: the entry was removed */
        void *value;
        uint32_t hash; /* the lower half of the key's hash */
} MapEntry;

typedef struct Map {
        MapEntry *entries;
        size_t n_entries; /* number of entries, including removed ones */
        size_t n;         /* number of entries, without removed ones */
        size_t capacity;
        unsigned *slots; /* index into entries, plus 1; 0: free */
        size_t n_slots;  /* power of two */
} Map;

/* {0} is a valid empty map. */
void map_done(Map *map);
void map_clear(Map *map);

/* Makes room for n entries: until the map has more, map_put() does not rebuild the table. Returns 0
 * or -ENOMEM. */
int map_reserve(Map *map, size_t n);

/* Copies the map to an empty one. Both borrow the same keys. Returns 0 or -ENOMEM. */
int map_copy(const Map *from, Map *ret);

/* Sets the value of a key. Returns 1 if the key is new, 0 if it existed, or -ENOMEM. An existing
 * entry borrows the new key from now on. Sets *ret_old to the previous value, or to NULL; ret_old
 * may be NULL. */
int map_put(Map *map, const char *key, void *value, void **ret_old);

/* map_get() returns the value of a key. map_remove() removes the entry and returns its value. Both
 * return NULL if the key does not exist. */
void *map_get(const Map *map, const char *key);
bool map_has(const Map *map, const char *key);
void *map_remove(Map *map, const char *key);

/* Returns the bytes that the map takes, without keys and values. */
size_t map_memory(const Map *map);

/* Returns the hash of a key. Each process has other hashes. */
uint64_t map_hash(const char *key);

/* map_foreach() loops over all entries that are not removed. The body must not add entries, but may
 * remove the current entry. map_next() returns the entry that follows `after`; the first entry if
 * `after` is NULL. */
MapEntry *map_next(const Map *map, MapEntry *after);
#define map_foreach(map, entry)                                                                    \
        for (MapEntry *entry = map_next((map), NULL); entry; entry = map_next((map), entry))
