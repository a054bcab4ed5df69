#pragma once

/* The keys of relmand: one signs, and those that it replaced still verify what they signed. */

#include "base/limits-trust.h"
#include "base/time.h"
#include "trust/key.h"

typedef struct Signing {
        TrustKeys keys; /* keys.items[0] signs */
        /* for each key the time when it was replaced, in wall-clock time; 0 for the one that signs
         */
        usec_t until[TRUST_KEYS_MAX];
} Signing;

/* Returns the key that signs. */
static inline const TrustKey *signing_key(const Signing *signing)
{
        return signing->keys.items[0];
}
