#pragma once

/* The annotations in which cosign 2 stores what proves a signature: the certificate of the signer,
 * the entry of the transparency log, and a time stamp. They are on the layer of a signature or of
 * an attestation. See cosign, specs/SIGNATURE_SPEC.md. */

#include "trust/bundle.h"

#define COSIGN_SIGNATURE_ANNOTATION   "dev.cosignproject.cosign/signature"
#define COSIGN_CERTIFICATE_ANNOTATION "dev.sigstore.cosign/certificate"
#define COSIGN_CHAIN_ANNOTATION       "dev.sigstore.cosign/chain"
#define COSIGN_ENTRY_ANNOTATION       "dev.sigstore.cosign/bundle"
#define COSIGN_STAMP_ANNOTATION       "dev.sigstore.cosign/rfc3161timestamp"

/* NULL: the layer does not have the annotation. */
typedef struct CosignAnnotations {
        const char *signature;   /* base64; an attestation has it in its envelope instead */
        const char *certificate; /* PEM; NULL: a key has signed */
        const char *chain;       /* PEM: certificates up to a root */
        const char *entry;       /* JSON: the entry of a log, with the log's promise */
        const char *stamp;       /* JSON: a time stamp (RFC 3161) */
} CosignAnnotations;

/* Reads the certificates, the log entry and the time stamp into a bundle without content, and
 * verifies nothing. Skips the root in the chain, because only roots of the trusted root count.
 * Values of *ret are in the arena. ERROR_INVALID: an annotation is malformed. */
int annotations_read(const CosignAnnotations *from, Arena *arena, Bundle *ret, Error *err);
