#pragma once

/* Verifies one signature of an image. Pure. */

#include "trust/bundle.h"
#include "verify/policy.h"
#include "verify/signature-json.h"

/* The predicate of a statement that cosign makes to sign an image. */
#define COSIGN_SIGN_PREDICATE "https://sigstore.dev/cosign/sign/v1"

/* A signature, and the image that it must be about. */
typedef struct LayerQuestion {
        const SignatureLayer *layer;
        Bytes data;         /* the bytes of the layer */
        const char *digest; /* of the image */
        Bytes image;        /* the bytes of the image's manifest; size 0: not known */
        usec_t now;         /* wall */
} LayerQuestion;

typedef struct ReadLayer {
        Bundle bundle; /* empty for simple signing */
        /* a bundle with a statement that signs nothing: its predicate type; NULL: a signature */
        const char *attestation;
        bool needs_image; /* verify only when LayerQuestion.image is known */
} ReadLayer;

/* Reads the layer, and verifies nothing. Texts are in the arena. ERROR_INVALID, ERROR_HOSTILE: it
 * is no signature. */
int layer_read(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err);

/* Verifies that a key or an identity of the demand has signed the image. Sets *ret_signer to its
 * description for reports, in the arena. ERROR_INVALID, ERROR_HOSTILE: none has; the message is the
 * reason. */
int layer_verify(const LayerQuestion *question, const ReadLayer *read, const VerifyDemand *demand,
                 Arena *arena, const char **ret_signer, Error *err);
