#pragma once

/* Verifies Sigstore bundles offline: who signed an artifact, or a statement about it. A signature
 * is valid under a given key, or under a certificate of Fulcio whose identity is allowed. Nothing
 * is fetched, and the time is a parameter. */

#include "trust/bundle.h"
#include "trust/statement.h"
#include "trust/trusted-root.h"

typedef struct SigstoreArtifact {
        const char *digest; /* in the form of OCI */
        Bytes data;     /* size 0: only the digest is known, so only statements can be verified */
        Bytes envelope; /* bytes of the DSSE envelope outside of a bundle; size 0: not known */
} SigstoreArtifact;

/* The keys or identities whose signature counts. */
typedef struct SigstorePolicy {
        const TrustKeys *keys; /* one of these keys; NULL: an identity counts */
        const IdentityRule *identities;
        size_t n_identities;
        const TrustedRoot *root;    /* NULL with keys: no log is asked for */
        bool may_lack_log;          /* a time stamp is enough where no log has an entry */
        const char *predicate_type; /* of the statement; NULL: any, or no statement at all */
        usec_t now;                 /* wall */
} SigstorePolicy;

/* The result: the signer, the time and the kind of statement. Texts are in the arena. */
typedef struct SigstoreSigner {
        const TrustKey *key;        /* NULL: an identity signed */
        SignerIdentity identity;    /* NULL texts: a key signed */
        usec_t when;                /* the earliest proved time; 0: none */
        const char *predicate_type; /* NULL: the artifact itself was signed */
} SigstoreSigner;

/* Verifies that a bundle has a signature about the artifact that the policy accepts.
 * - ERROR_HOSTILE: a signature, proof or identity is not valid or not allowed.
 * - ERROR_INVALID: the bundle is malformed, or of a kind that relman does not support. */
int sigstore_verify(const Bundle *bundle, const SigstoreArtifact *artifact,
                    const SigstorePolicy *policy, Arena *arena, SigstoreSigner *ret, Error *err);
