#pragma once

/* Verifies Notary Project signatures offline, as the level "strict" of the specification does, but
 * without a check for revoked certificates: nothing is fetched, and the time is a parameter
 * (https://github.com/notaryproject/specifications, specs/trust-store-trust-policy.md). */

#include "trust/notation/chain.h"
#include "trust/notation/subject.h"

/* The image that a signature must be about. */
typedef struct NotationArtifact {
        const char *digest;     /* in the form of OCI */
        const char *media_type; /* of the manifest; NULL: not known */
        int64_t size;           /* bytes of the manifest */
} NotationArtifact;

/* The signers that count. */
typedef struct NotationPolicy {
        const TrustStore *store;
        const SubjectRule *identities;
        size_t n_identities;
        usec_t now; /* wall */
} NotationPolicy;

typedef struct NotationSigner {
        const char *subject; /* in the arena */
        /* wall: when the signature existed, by a time stamp or a signing authority; 0: not proved
         */
        usec_t when;
        usec_t until; /* wall: when the signature or a certificate expires; USEC_INFINITY: never */
} NotationSigner;

/* Verifies that a signer whom the policy accepts has signed the artifact.
 * - ERROR_HOSTILE: a signature, certificate, time or identity is not valid or not allowed, or the
 *   signature is about another artifact.
 * - ERROR_INVALID: a part of the envelope is malformed. */
int notation_verify(const NotationEnvelope *envelope, const NotationArtifact *artifact,
                    const NotationPolicy *policy, Arena *arena, NotationSigner *ret, Error *err);
