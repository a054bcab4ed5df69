#pragma once

/* The set of keys of one JSON object, as keyed hashes of 64 bits: finds a repeated key in linear
 * time and 16 bytes for each key. */

#include <stddef.h>
#include <stdint.h>

#define KEY_SET_FEW 8 /* up to this number no memory is allocated */

typedef struct KeySet {
        uint64_t few[KEY_SET_FEW];
        uint64_t *slots; /* for more keys; 0: free */
        size_t n_slots;  /* power of two */
        size_t n;
} KeySet;

void key_set_done(KeySet *set);

/* Returns 1 if it is new; 0 if it was in the set; -ENOMEM. */
int key_set_add(KeySet *set, const char *key);
