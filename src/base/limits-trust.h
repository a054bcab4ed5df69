#pragma once

/* Limits on keys and signed statements, as in base/limits.h. */

#define RSA_BITS_MIN   2048               /* smaller keys can be broken */
#define RSA_BITS_MAX   8192               /* bits of a key; a larger one takes seconds */
#define ENVELOPE_MAX   (64 * 1024 * 1024) /* bytes; a statement about the largest lockfile fits */
#define TRUST_KEYS_MAX 100                /* public keys of one list; each signature tries all */
#define SIGNATURES_MAX 32     /* signatures of one envelope; each is tried with each key */
#define SUBJECTS_MAX   200000 /* digests of one statement */
/* bytes of the signed payload of an image, and of the signature in base64 */
#define SIGNED_PAYLOAD_MAX (64 * 1024)
#define SIGNATURE_TEXT_MAX (4 * 1024)
