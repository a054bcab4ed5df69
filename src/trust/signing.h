#pragma once

/* The keys of relmand. The current key signs. Replaced keys still verify older signatures. */

#include "base/limits-trust.h"
#include "base/time.h"
#include "trust/key.h"

typedef struct Signing {
        TrustKeys keys; /* keys.items[0] signs */
        /* wall: when each key was replaced; 0 for the current key */
        usec_t until[TRUST_KEYS_MAX];
} Signing;

/* Returns the current key. */
static inline const TrustKey *signing_key(const Signing *signing)
{
        return signing->keys.items[0];
}
