#pragma once

/* A hash index that finds items of an array by their key. Each item begins with its key, a const
 * char *. The index takes 8 bytes for each slot; a Map would also store each key and a pointer. The
 * caller owns the array and may move it. {0} is an empty index. */

#include <stddef.h>
#include <stdint.h>

typedef struct TextIndex {
        uint64_t *slots; /* upper half: hash; lower half: position + 1; 0: free */
        size_t n_slots;  /* power of two */
        size_t n;
} TextIndex;

/* The array of items, and the size of one. */
typedef struct TextItems {
        const void *items;
        size_t item_size;
} TextItems;

void text_index_done(TextIndex *index);

/* Makes room for n items. Returns 0 or -ENOMEM. */
int text_index_reserve(TextIndex *index, size_t n);

/* Adds the item at a position of the array. The key must be new in the index. Returns 0 or -ENOMEM.
 */
int text_index_add(TextIndex *index, const char *key, size_t position);

/* Returns the position of the item with this key; SIZE_MAX if there is none. */
size_t text_index_find(const TextIndex *index, TextItems items, const char *key);
