#pragma once

/* X.509 certificates, read and verified by libcrypto: chains to pinned roots at a given time, and
 * the identities that Fulcio writes into certificates
 * (https://github.com/sigstore/fulcio, docs/oid-info.md). */

#include <openssl/x509.h>

#include "base/time.h"
#include "trust/key.h"
#include "trust/proto-json.h"
#include "version/regex.h"

/* The certificates of one authority, as pinned. */
typedef struct Authority {
        STACK_OF(X509) * chain; /* the last one is the root; owned */
        usec_t from, until;     /* wall: when the authority may be used, both inclusive */
} Authority;

typedef struct Authorities {
        Authority *items;
        size_t n;
} Authorities;

/* A certificate as a chain: with the certificates that may be between it and a root, at a time. */
typedef struct ChainQuery {
        X509 *leaf;
        STACK_OF(X509) * between; /* not trusted; may be NULL */
        usec_t when;              /* wall */
} ChainQuery;

/* The identity of a signer. Texts are in the arena. */
typedef struct SignerIdentity {
        const char *issuer;  /* of the token that proved the subject */
        const char *subject; /* the one name of the certificate */
} SignerIdentity;

/* Which identity may have signed. */
typedef struct IdentityRule {
        const char *issuer;
        const char *subject; /* NULL: pattern decides */
        Regex *pattern;      /* matches the complete subject; see identity_pattern_new() */
} IdentityRule;

static inline void free_x509(X509 **certificate)
{
        X509_free(*certificate);
}

/* Reads one certificate in DER. what is for messages. */
int certificate_read(const char *what, Bytes der, X509 **ret, Error *err);
/* Returns the public key of a certificate. */
int certificate_key(X509 *certificate, TrustKey **ret, Error *err);

/* Verifies that an authority which may be used at the time has issued the certificate, and that all
 * certificates of the chain were valid then. Sets *ret_issuer to the issuer, which the caller
 * frees. ERROR_HOSTILE: not so. */
int certificate_verify_chain(const ChainQuery *query, const Authorities *authorities,
                             X509 **ret_issuer, Error *err);

/* Verifies that a certificate is for signing code, and not for issuing other certificates. */
int certificate_check_usage(X509 *leaf, Error *err);

/* Reads the identity of a certificate of Fulcio. ERROR_HOSTILE: it has not one name, or not one
 * issuer. */
int certificate_identity(X509 *leaf, Arena *arena, SignerIdentity *ret, Error *err);

/* Compiles a pattern that must match a complete subject. */
int identity_pattern_new(const char *pattern, Regex **ret, Error *err);

/* Returns 1 if one of the rules allows the identity, 0 if none does, or an error. */
int identity_is_allowed(const SignerIdentity *identity, const IdentityRule *rules, size_t n,
                        Error *err);
