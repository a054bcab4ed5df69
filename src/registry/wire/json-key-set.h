#pragma once

/* The set of keys of one JSON object. It stores keyed hashes of 64 bits. So finding repeated keys
 * takes linear time, and 16 to 32 bytes for each key. */

#include <stddef.h>
#include <stdint.h>

#define KEY_SET_FEW 8 /* number of keys that need no allocated memory */

typedef struct KeySet {
        uint64_t few[KEY_SET_FEW];
        uint64_t *slots; /* hashes of the other keys; 0: free */
        size_t n_slots;  /* power of two */
        size_t n;
} KeySet;

void key_set_done(KeySet *set);

/* Adds a key. Returns 1 if it is new, 0 if it was in the set, or -ENOMEM. */
int key_set_add(KeySet *set, const char *key);
