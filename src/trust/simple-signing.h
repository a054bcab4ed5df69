#pragma once

/* Simple signing, as cosign 2 signs images. A payload in JSON names the digest of an image. An
 * annotation has a signature over the bytes of the payload, by a key or by a certificate of Fulcio.
 * See https://github.com/containers/image, docs/containers-signature.5.md, and cosign,
 * specs/SIGNATURE_SPEC.md. */

#include "trust/annotations.h"
#include "trust/sigstore.h"

#define SIMPLE_SIGNING_MEDIA_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"

/* Reads a signature of the payload as a bundle, and verifies nothing. Values of *ret are in the
 * arena. ERROR_INVALID: the layer is not a signature. */
int simple_signing_read(Bytes payload, const CosignAnnotations *annotations, Arena *arena,
                        Bundle *ret, Error *err);

typedef struct SimpleSigning {
        Bytes payload;
        const Bundle *bundle; /* of simple_signing_read() */
} SimpleSigning;

/* Verifies that a signer whom the policy accepts has signed the payload, and that the payload is
 * about the image with this digest. Parses only a payload that was signed.
 * - ERROR_HOSTILE: an error of sigstore_verify(), or the payload is about another image, or about
 *   another kind of object.
 * - ERROR_INVALID: an error of sigstore_verify(). */
int simple_signing_verify(const SimpleSigning *item, const char *digest,
                          const SigstorePolicy *policy, Arena *arena, SigstoreSigner *ret,
                          Error *err);
