#pragma once

/* The section `signing` of the configuration: the key that signs what relmand says. */

#include "base/diag.h"
#include "base/time.h"
#include "model/schema/schema.h"

/* A public key that signed before the current one. */
typedef struct OldKey {
        Place place;
        const char *file; /* absolute path of its PEM file */
        const char *until_text;
        usec_t until; /* when it was replaced */
} OldKey;

typedef struct OldKeys {
        OldKey *items;
        size_t n;
} OldKeys;

typedef struct SigningSpec {
        Place place;            /* its line is 0 if there is no such section */
        const char *credential; /* name of a systemd credential with a private key */
        OldKeys old_keys;
} SigningSpec;

extern const Schema signing_schema;

/* Reads the times. Returns 0 or -EINVAL. */
int config_check_signing(SigningSpec *signing, DiagList *diags);
