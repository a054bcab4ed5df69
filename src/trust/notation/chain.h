#pragma once

/* Certificates of Notary Project signatures, and the trust store that they must lead to
 * (https://github.com/notaryproject/specifications, specs/signature-specification.md, "Certificate
 * Requirements"). libcrypto reads and verifies them. */

#include "trust/certificate.h"
#include "trust/notation/envelope.h"

typedef enum TrustStoreType {
        TRUST_STORE_CA,
        TRUST_STORE_SIGNING_AUTHORITY, /* their claim of the signing time counts */
        TRUST_STORE_TSA,               /* authorities for time stamps */
        TRUST_STORE_TYPE_MAX_,
} TrustStoreType;

typedef struct TrustStore {
        Authorities types[TRUST_STORE_TYPE_MAX_]; /* each chain has one certificate; owned */
} TrustStore;

/* Adds the certificates of a file: PEM, or one in DER. name is for messages. ERROR_INVALID: it has
 * no certificate, or one that is neither of an authority nor self-signed. */
int trust_store_read(TrustStore *store, TrustStoreType type, const char *name, Bytes text,
                     Error *err);
void trust_store_done(TrustStore *store); /* {0} is valid */

static inline void free_chain(STACK_OF(X509) * *chain)
{
        sk_X509_pop_free(*chain, X509_free);
}

/* Reads the certificates of an envelope. Refuses certificates that may not sign, that are not in
 * order, or not complete up to the root. The caller frees *ret. */
int notation_chain_read(const NotationEnvelope *envelope, STACK_OF(X509) * *ret, Error *err);

/* Returns when the first certificate of the chain expires. */
usec_t notation_chain_end(STACK_OF(X509) * chain);

/* Verifies that the chain leads to a certificate of the trust store, and that it was valid at the
 * time. ERROR_HOSTILE: not so. */
int notation_chain_verify(STACK_OF(X509) * chain, const Authorities *roots, usec_t when,
                          Error *err);
