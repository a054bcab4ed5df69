#pragma once

/* Envelopes of Notary Project signatures, as JWS and as COSE
 * (https://github.com/notaryproject/specifications, specs/signature-envelope-jws.md and
 * signature-envelope-cose.md). Reads them, and verifies nothing. */

#include "base/time.h"
#include "trust/notation/algorithm.h"
#include "trust/proto-json.h"

#define NOTATION_JWS_MEDIA_TYPE  "application/jose+json"
#define NOTATION_COSE_MEDIA_TYPE "application/cose"
#define NOTATION_PAYLOAD_TYPE    "application/vnd.cncf.notary.payload.v1+json"

#define NOTATION_HEADER_SCHEME         "io.cncf.notary.signingScheme"
#define NOTATION_HEADER_SIGNING_TIME   "io.cncf.notary.signingTime"
#define NOTATION_HEADER_AUTHENTIC_TIME "io.cncf.notary.authenticSigningTime"
#define NOTATION_HEADER_EXPIRY         "io.cncf.notary.expiry"
#define NOTATION_HEADER_PLUGIN         "io.cncf.notary.verificationPlugin"
#define NOTATION_HEADER_STAMP          "io.cncf.notary.timestampSignature"

typedef enum NotationFormat {
        NOTATION_JWS,
        NOTATION_COSE,
} NotationFormat;

typedef enum NotationScheme {
        NOTATION_X509,
        NOTATION_SIGNING_AUTHORITY,
} NotationScheme;

typedef struct NotationEnvelope {
        Bytes payload;
        Bytes signed_bytes; /* the bytes that the signature covers */
        Bytes signature;
        const NotationAlgorithm *algorithm;
        NotationScheme scheme;
        usec_t signing_time; /* wall; proved by NOTATION_SIGNING_AUTHORITY only */
        usec_t expiry;       /* wall; USEC_INFINITY: none */
        const Bytes *chain;  /* certificates in DER; the first one signs */
        size_t n_chain;
        Bytes stamp; /* TimeStampToken (RFC 3161) in DER over the signature; size 0: none */
} NotationEnvelope;

/* Reads an envelope. Values of *ret are in the arena, or borrowed from data. ERROR_INVALID: the
 * data is not an envelope, or has an attribute that relman does not know and must not ignore.
 * ERROR_HOSTILE: a key is repeated. */
int notation_envelope_read(NotationFormat format, Bytes data, Arena *arena, NotationEnvelope *ret,
                           Error *err);
