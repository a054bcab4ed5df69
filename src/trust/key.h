#pragma once

/* Keys that sign and verify: Ed25519, ECDSA with the curves P-256, P-384 and P-521, and RSA of 2048
 * to 8192 bits. The key determines the hash: SHA-256 for P-256 and RSA, SHA-384 for P-384, SHA-512
 * for P-521. libcrypto does all cryptography and ASN.1. No function reads a file (except for
 * trust_key_load(), whose provider may) or asks for a passphrase. */

#include <openssl/types.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"

typedef struct TrustKey TrustKey;

/* Keys that may have signed. There are several if keys are rotated. */
typedef struct TrustKeys {
        TrustKey **items; /* owned */
        size_t n;
} TrustKeys;

/* The types of keys that relman generates and signs with. It only verifies with other types. */
typedef enum KeyType {
        KEY_TYPE_ED25519,
        KEY_TYPE_P256,
        KEY_TYPE_MAX_,
} KeyType;

/* Adds all public keys of a text in PEM (PUBLIC KEY). name is for messages, such as the path of the
 * file. ERROR_INVALID: the text contains no key, or a key of an unsupported algorithm. After an
 * error, keys still contains the keys that were read before it. */
int trust_keys_read(TrustKeys *keys, const char *name, const char *pem, size_t size, Error *err);
/* Adds a key. Takes ownership of the key, also on failure. If key is NULL, reports that memory ran
 * out. */
int trust_keys_add(TrustKeys *keys, TrustKey *key, Error *err);
void trust_keys_done(TrustKeys *keys); /* {0} is valid */

/* Reads a public key in DER (SubjectPublicKeyInfo). Errors are those of trust_keys_read(). */
int trust_key_read_der(const char *name, const unsigned char *der, size_t size, TrustKey **ret,
                       Error *err);

/* Makes a key of libcrypto's public key, as of a certificate. It has no id, because encoding the
 * key for it takes as long as a verification. Takes ownership of pkey, also on failure. Errors are
 * those of trust_keys_read(). */
int trust_key_take(const char *name, EVP_PKEY *pkey, TrustKey **ret, Error *err);

/* Reads a private key in PEM. The key must have a KeyType and no passphrase. */
int trust_key_read_private(const char *name, const char *pem, size_t size, TrustKey **ret,
                           Error *err);
/* Opens a private key that stays in a token, such as "pkcs11:token=relman;object=signer", with a
 * provider of libcrypto that openssl.cnf activates. pin: of the token; NULL: none. The key must
 * have a KeyType. ERROR_INVALID: no provider opens it, or the token does not have it. */
int trust_key_load(const char *uri, const char *pin, TrustKey **ret, Error *err);
int trust_key_generate(KeyType type, TrustKey **ret, Error *err);
TrustKey *trust_key_free(TrustKey *key);
DEFINE_FREEP(TrustKey, trust_key_free)

/* Write the public or the private key in PEM. A private key is written as PKCS#8. */
int trust_key_write_public(const TrustKey *key, Buffer *out, Error *err);
int trust_key_write_private(const TrustKey *key, Buffer *out, Error *err);

/* Returns the id of the key: "sha256:...", the SHA-256 of the public key in DER
 * (SubjectPublicKeyInfo); "" for a key of trust_key_take(). */
const char *trust_key_id(const TrustKey *key);
/* Returns the algorithm, such as "ed25519" or "ecdsa-p256". */
const char *trust_key_algorithm(const TrustKey *key);

/* Signs data with a private key, and appends the signature to out. ECDSA signatures are in DER and
 * differ each time. Ed25519 signatures of the same data are always equal. */
int trust_key_sign(const TrustKey *key, const void *data, size_t size, Buffer *out, Error *err);

/* A text and the signature over it. */
typedef struct SignedData {
        const void *data;
        size_t size;
        const unsigned char *signature;
        size_t signature_size;
} SignedData;

/* Returns 1 if the signature is valid, 0 if not. For RSA, both PKCS#1 v1.5 and PSS are accepted.
 * Fails only if memory runs out. */
int trust_key_verify(const TrustKey *key, const SignedData *item, Error *err);
/* Returns 1 if the signature is a valid one of ECDSA with SHA-256, whatever the curve. Programs of
 * Sigstore have signed so. */
int trust_key_verify_sha256(const TrustKey *key, const SignedData *item, Error *err);
/* Like trust_key_verify() with each key in turn. Sets *ret_key to the first key under which the
 * signature is valid. */
int trust_keys_verify(const TrustKeys *keys, const SignedData *item, const TrustKey **ret_key,
                      Error *err);
