#pragma once

/* A hash index to find items of an array by their text. It takes 8 bytes a slot, where a Map would
 * store each key and a pointer again. Each item begins with a const char * that is its key. The
 * caller owns the array and may move it; {0} is an empty index. */

#include <stddef.h>
#include <stdint.h>

typedef struct TextIndex {
        uint64_t *slots; /* half of the hash, and the position + 1; 0: free */
        size_t n_slots;  /* power of two */
        size_t n;
} TextIndex;

/* An array of items as the index sees it. */
typedef struct TextItems {
        const void *items;
        size_t item_size;
} TextItems;

void text_index_done(TextIndex *index);

/* Makes room for n items. -ENOMEM. */
int text_index_reserve(TextIndex *index, size_t n);

/* Adds the item at a position; its key must not be there yet. -ENOMEM. */
int text_index_add(TextIndex *index, const char *key, size_t position);

/* Returns the position of the item with this key; SIZE_MAX if there is none. */
size_t text_index_find(const TextIndex *index, TextItems items, const char *key);
