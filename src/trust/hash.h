#pragma once

/* Hashes of the SHA-2 family, by the names that Sigstore's formats use. */

#include "base/error.h"
#include "trust/proto-json.h"

#define HASH_SIZE_MAX 64

typedef struct Hash {
        unsigned char data[HASH_SIZE_MAX];
        unsigned size;
} Hash;

/* Computes the hash of data. algorithm is such as "sha256" or "SHA2_256". Returns 0, or
 * ERROR_INVALID for an unknown algorithm. */
int hash_compute(const char *algorithm, Bytes data, Hash *ret, Error *err);
/* Returns true if the hash is that of a text in lower-case hexadecimal digits. */
bool hash_equals_hex(const Hash *hash, const char *hex);
bool hash_equals(const Hash *hash, Bytes bytes);
