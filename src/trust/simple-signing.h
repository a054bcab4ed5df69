#pragma once

/* Simple signing, as cosign signs images. A payload in JSON names the digest of an image. The
 * annotation dev.cosignproject.cosign/signature has a signature over the bytes of the payload. See
 * https://github.com/containers/image, docs/containers-signature.5.md, and cosign,
 * specs/SIGNATURE_SPEC.md. */

#include "trust/key.h"

#define SIMPLE_SIGNING_MEDIA_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"
#define SIMPLE_SIGNING_ANNOTATION "dev.cosignproject.cosign/signature"

typedef struct SimpleSigning {
        const char *payload; /* the bytes of the layer */
        size_t size;
        const char *signature; /* the annotation: base64; NULL: the layer has none */
} SimpleSigning;

/* Verifies that one of the keys has signed the payload, and that the payload is about the image
 * with this digest. Parses only a payload that a key has signed. Returns 0 and the key.
 * - ERROR_HOSTILE: no key has signed the payload, or it is about another image or another kind of
 *   object.
 * - ERROR_INVALID: the layer is not a signature. */
int simple_signing_verify(const SimpleSigning *item, const char *digest, const TrustKeys *keys,
                          const TrustKey **ret_key, Error *err);
