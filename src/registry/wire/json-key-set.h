#pragma once

/* The keys of one JSON object that were seen, as keyed hashes of 64 bits: to find a repeated one in
 * linear time and in 16 bytes a key. */

#include <stddef.h>
#include <stdint.h>

#define KEY_SET_FEW 8 /* so many need no memory */

typedef struct KeySet {
        uint64_t few[KEY_SET_FEW];
        uint64_t *slots; /* of more; 0: free */
        size_t n_slots;  /* power of two */
        size_t n;
} KeySet;

void key_set_done(KeySet *set);

/* 1: it is new; 0: it was there; -ENOMEM. */
int key_set_add(KeySet *set, const char *key);
