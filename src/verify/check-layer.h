#pragma once

/* Verifies one signature of an image. Pure. */

#include "trust/bundle.h"
#include "trust/notation/envelope.h"
#include "trust/statement.h"
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
        Bundle bundle;           /* a signature that is not in a bundle has the same form */
        Statement statement;     /* its predicate type is NULL if the image itself is signed */
        NotationEnvelope notary; /* a Notary Project signature */
        bool is_notary,
                needs_image; /* needs_image: verify only when LayerQuestion.image is known */
} ReadLayer;

/* The result of a verification. */
typedef struct LayerSigner {
        const char *text; /* who has signed, for reports */
        usec_t until;     /* wall: when the signature gets too old; 0: never */
} LayerSigner;

/* Reads the layer, and verifies nothing. Texts are in the arena. The caller frees *ret with
 * read_layer_done(). ERROR_INVALID, ERROR_HOSTILE: it is no signature. */
int layer_read(const LayerQuestion *question, Arena *arena, ReadLayer *ret, Error *err);
void read_layer_done(ReadLayer *read); /* {0} is valid */

/* Returns the name of the layer's format for reports. */
const char *layer_name(const SignatureLayer *layer);

/* True if the layer has a format in which signatures that the demand requests are stored. */
bool layer_may_concern(const SignatureLayer *layer, const VerifyDemand *demand);
/* True if the layer has what the demand requests, if a signer of the demand has signed it. */
bool layer_concerns(const ReadLayer *read, const VerifyDemand *demand);

/* Returns the ending of cosign's tag for what the demand requests: ".sig" or ".att"; "" if cosign
 * does not make it. */
const char *demand_tag_ending(const VerifyDemand *demand);

/* Verifies that a key or an identity of the demand has signed the image, or the statement about it.
 * The text of *ret is in the arena. ERROR_INVALID, ERROR_HOSTILE: none has; the message is the
 * reason. */
int layer_verify(const LayerQuestion *question, const ReadLayer *read, const VerifyDemand *demand,
                 Arena *arena, LayerSigner *ret, Error *err);
