#pragma once

/* The section `signing` of the configuration: the key that signs lockfiles, and its
 * predecessors. */

#include "base/diag.h"
#include "base/time.h"
#include "model/schema/schema.h"

/* The public key of a pair that signed before the current pair. */
typedef struct OldKey {
        Place place;
        const char *file; /* absolute path of its PEM file */
        const char *until_text;
        usec_t until; /* when the key was replaced */
} OldKey;

typedef struct OldKeys {
        OldKey *items;
        size_t n;
} OldKeys;

typedef struct SigningSpec {
        Place place;            /* line 0: the section is missing */
        const char *uri;        /* of a private key in a token; NULL: the credential has the key */
        const char *credential; /* name of a systemd credential: the private key, or the PIN */
        OldKeys old_keys;
} SigningSpec;

extern const Schema signing_schema;

/* Checks the current key, and parses the times of the old keys. Returns 0 or -EINVAL. */
int config_check_signing(SigningSpec *signing, DiagList *diags);
