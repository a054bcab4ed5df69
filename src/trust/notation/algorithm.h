#pragma once

/* The six algorithms of Notary Project signatures. The size of the key determines the algorithm, so
 * that nobody can choose a weaker one. libcrypto does all cryptography. */

#include <openssl/x509.h>

#include "base/error.h"
#include "trust/proto-json.h"

typedef struct NotationAlgorithm {
        const char *jws;  /* its name in JWS (RFC 7518) */
        int64_t cose;     /* its number in COSE (RFC 9053) */
        const char *key;  /* trust_key_algorithm() */
        int bits;         /* of the key */
        const char *hash; /* libcrypto's name */
} NotationAlgorithm;

/* These return NULL for another algorithm. */
const NotationAlgorithm *notation_algorithm_of_jws(const char *name);
const NotationAlgorithm *notation_algorithm_of_cose(int64_t number);

/* Verifies that the key of the certificate has signed the data by the algorithm, and that it is the
 * algorithm of such keys. ERROR_HOSTILE: not so. ERROR_INVALID: the key is of another kind. */
int notation_verify_signature(X509 *certificate, const NotationAlgorithm *algorithm,
                              Bytes signed_bytes, Bytes signature, Error *err);
