#pragma once

/* Makes a small instance of Sigstore with libcrypto at run time: an authority, logs, an authority
 * for time stamps, and bundles that are signed by them. A Recipe says what is in a bundle; tests
 * change it to make hostile ones. */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/time.h"
#include "trust/proto-json.h"

#define MAKER_TIME     1700000000 /* seconds: when bundles are signed */
#define MAKER_NOW      (((usec_t)MAKER_TIME + 3600) * USEC_PER_SEC)
#define MAKER_ISSUER   "https://issuer.example.com"
#define MAKER_SUBJECT  "https://git.example.com/shop/api/build.yml@refs/heads/main"
#define MAKER_ARTIFACT "the artifact\n"

/* A time stamp says these where it is not the usual one. */
typedef struct StampForm {
        const char *hash;   /* libcrypto's name; NULL: SHA256 */
        const char *policy; /* an OID; the stamp then has no accuracy. NULL: the usual */
        int seconds;        /* the accuracy; 0: the usual */
} StampForm;

typedef struct Maker {
        Arena *arena;
        StampForm stamp;
        EVP_PKEY *ca_key, *leaf_key, *log_key, *ct_key, *stamper_root_key, *stamper_key;
        X509 *ca, *stamper_root, *stamper;
} Maker;

typedef struct Recipe {
        /* the certificate; extensions in the syntax of openssl's x509v3_config(5) */
        const char *names, *issuer, *raw_issuer, *usage, *extended_usage, *constraints;
        long from, until; /* seconds */
        bool has_no_sct, has_bad_sct;
        long sct_time;       /* seconds */
        const char *payload; /* of the envelope; NULL: the artifact itself is signed */
        const char *artifact;
        const char *payload_type;
        /* the entry of the log */
        const char *kind, *version;
        long integrated;        /* seconds; 0: no promise, as in the second version of Rekor */
        const char *other_body; /* NULL: made for the signature */
        bool has_no_entry;
        long stamp;   /* seconds; 0: no time stamp */
        bool has_key; /* signed by the key alone */
        const char *media_type;
} Recipe;

void maker_init(Maker *maker, Arena *arena);
void maker_done(Maker *maker);

/* Returns the recipe of a valid bundle with a statement about MAKER_ARTIFACT. */
Recipe maker_recipe(const Maker *maker);

/* These return JSON in the arena. */
const char *maker_bundle(const Maker *maker, const Recipe *recipe);
const char *maker_root(const Maker *maker);

/* Returns the certificate of the authority, which is a root, in base64. */
const char *maker_authority(const Maker *maker);
/* Returns the public key of the signer in PEM. */
const char *maker_public_key(const Maker *maker);
/* Returns the digest of MAKER_ARTIFACT. */
const char *maker_digest(const Maker *maker);
/* Returns a time stamp over the signature in DER: a response, or its token alone. when: seconds. */
Bytes maker_stamp(const Maker *maker, Bytes signature, long when, bool is_token);
