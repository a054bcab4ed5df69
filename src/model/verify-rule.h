#pragma once

/* Demands on the signatures of images: `verify` of Registries and Components. */

#include "base/time.h"
#include "model/object.h"

typedef enum VerifyType {
        VERIFY_COSIGN,      /* signatures as cosign makes them */
        VERIFY_ATTESTATION, /* signed in-toto statements about the image */
        VERIFY_NOTATION,    /* signatures of Notary Project, as notation makes them */
        VERIFY_TYPE_MAX_,
} VerifyType;

/* Decides whether an image is used that does not meet a rule. */
typedef enum VerifyMode {
        VERIFY_ENFORCE, /* it is skipped */
        VERIFY_WARN,    /* it is used, and reported */
        VERIFY_MODE_MAX_,
} VerifyMode;

/* Decides whether a signature counts that no transparency log has. */
typedef enum VerifyLog {
        VERIFY_LOG_REQUIRED,
        VERIFY_LOG_OPTIONAL, /* if a time stamp proves its time */
        VERIFY_LOG_MAX_,
} VerifyLog;

/* A signer without a long-lived key: the name in a certificate that Fulcio issued. Exactly one of
 * subject and subject_pattern is set. For VERIFY_NOTATION only subject is set, to a trusted
 * identity of Notary Project. */
typedef struct VerifyIdentity {
        Place place;
        const char *issuer; /* of the token that proved the name */
        const char *subject;
        const char *subject_pattern; /* matches the complete subject */
} VerifyIdentity;

typedef struct VerifyIdentities {
        VerifyIdentity *items;
        size_t n;
} VerifyIdentities;

/* A demand on the signatures of an image. A signature by one of the keys, or by one of the
 * identities, is enough. */
typedef struct VerifyRule {
        Place place;
        VerifyType type;
        VerifyMode mode;
        Strings keys; /* absolute paths of files with public keys */
        VerifyIdentities identities;
        const char *trusted_root; /* absolute path of trusted_root.json; NULL: none */
        VerifyLog log;            /* VERIFY_LOG_OPTIONAL needs trusted_root */
        /* of attestations; NULL and 0 for other types */
        const char *predicate_type;
        usec_t max_age; /* 0: any */
        Pairs require;  /* JSON pointer in the predicate -> text of the value */
        /* VERIFY_NOTATION: absolute paths of files with certificates */
        Strings trust_store, signing_authorities, timestamp_authorities;
} VerifyRule;

typedef struct VerifyRules {
        VerifyRule *items;
        size_t n;
} VerifyRules;

extern const struct Schema verify_schema;
