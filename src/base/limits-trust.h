#pragma once

/* Limits on keys and signed statements, as in base/limits.h. */

#define RSA_BITS_MIN     2048               /* smaller keys can be broken */
#define RSA_BITS_MAX     8192               /* bits of a key; a larger one takes seconds */
#define ENVELOPE_MAX     (64 * 1024 * 1024) /* bytes; a statement about the largest lockfile fits */
#define TRUST_KEYS_MAX   100                /* public keys of one list; each signature tries all */
#define VERIFY_RULES_MAX 8                  /* entries of `verify` in one component */
#define IDENTITIES_MAX   100                /* identities of one entry of `verify` */
#define REQUIRED_MAX     32                 /* values that an attestation must have */
#define SIGNATURES_MAX   32     /* signatures of one envelope; each is tried with each key */
#define SUBJECTS_MAX     200000 /* digests of one statement */
/* bytes of the signed payload of an image, and of the signature in base64 */
#define SIGNED_PAYLOAD_MAX (64 * 1024)
#define SIGNATURE_TEXT_MAX (4 * 1024)
#define ANNOTATION_MAX     (256 * 1024) /* bytes: certificates, or a log entry, of a signature */
/* Sigstore bundles; a bundle has the statement that is signed */
#define BUNDLE_MAX          (16 * 1024 * 1024) /* bytes */
#define CHAIN_MAX           10                 /* certificates from the signer to a root */
#define LOG_ENTRIES_MAX     32                 /* each costs two signatures and a proof */
#define TIMESTAMPS_MAX      32                 /* each costs a chain of certificates */
#define LOG_BODY_MAX        BUNDLE_MAX         /* bytes of an entry, which may have the statement */
#define CHECKPOINT_MAX      (64 * 1024)        /* bytes of a signed note */
#define SCTS_MAX            16                 /* of one certificate */
#define SUBJECT_PATTERN_MAX 4200               /* bytes; TEXT_MAX, and the anchors around it */
/* trusted_root.json */
#define TRUSTED_ROOT_MAX (1024 * 1024) /* bytes */
#define AUTHORITIES_MAX  64            /* of each kind */
/* Clocks of other machines may be wrong by this time (microseconds). */
#define CLOCKS_MAY_DIFFER (5 * 60 * 1000000)
/* Notary Project signatures */
#define NOTATION_MAX      (1024 * 1024) /* bytes of an envelope, with its certificates */
#define COSE_LABELS_MAX   64            /* attributes of one envelope; each is compared with all */
#define TRUST_STORE_MAX   100           /* certificates of one rule */
#define DN_ATTRIBUTES_MAX 16            /* of one trusted identity */
/* signatures of one image; each costs one or two requests */
#define IMAGE_SIGNATURES_MAX 32
#define REFERRER_PAGES_MAX   32 /* of one image */
