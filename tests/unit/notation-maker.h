#pragma once

/* Makes Notary Project signatures with libcrypto at run time: a small hierarchy of certificates,
 * and envelopes as JWS and as COSE. A NotationRecipe has the texts that are signed; tests change
 * them to make hostile signatures. */

#include "sigstore-maker.h"
#include "trust/notation/notation.h"

#define NOTATION_DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NOTATION_TYPE   "application/vnd.oci.image.manifest.v1+json"
#define NOTATION_SIZE   481

typedef struct NotationMaker {
        Maker base; /* its authorities issue certificates and time stamps */
        Arena *arena;
        EVP_PKEY *keys[6]; /* one for each algorithm, in the order of names */
        EVP_PKEY *between_key;
        X509 *between;
} NotationMaker;

extern const char *const notation_names[]; /* PS256, ... */

typedef struct NotationRecipe {
        size_t algorithm; /* index of notation_names */
        /* the certificate; extensions in the syntax of x509v3_config(5) */
        const char *subject; /* attributes as "C=US/O=..." */
        const char *usage, *extended_usage, *constraints;
        long from, until; /* seconds */
        bool is_self_signed, has_between;
        /* signed attributes: JSON, or CBOR in the notation of RFC 8949, 8, as far as
         * notation_maker.c reads it */
        const char *headers;
        const char *payload;
        const char *others;   /* unsigned attributes; $CHAIN and $STAMP are replaced */
        long stamp;           /* seconds; 0: no time stamp */
        const char *envelope; /* $HEADERS, $OTHERS, $PAYLOAD and $SIGNATURE are replaced */
        bool has_bad_signature;
} NotationRecipe;

void notation_maker_init(NotationMaker *maker, Arena *arena);
void notation_maker_done(NotationMaker *maker);

/* Returns the recipe of a valid signature, and of a valid one by a signing authority. */
NotationRecipe notation_recipe(const NotationMaker *maker, NotationFormat format);
NotationRecipe notation_authority_recipe(const NotationMaker *maker, NotationFormat format);

/* Returns the envelope. Sets *ret_leaf to the certificate in PEM; ret_leaf may be NULL. */
Bytes notation_make(const NotationMaker *maker, NotationFormat format, const NotationRecipe *recipe,
                    const char **ret_leaf);
/* Returns a certificate in PEM. */
const char *notation_pem(const NotationMaker *maker, X509 *certificate);
/* Returns text with the first occurrence of `from` replaced; the text itself if from is NULL. */
const char *notation_replace(const NotationMaker *maker, const char *text, const char *from,
                             const char *to);
/* Encodes CBOR. */
Bytes notation_cbor(const NotationMaker *maker, const char *text);
