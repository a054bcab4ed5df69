#pragma once

/* Trusted identities of Notary Project trust policies: "x509.subject: C=US, ST=WA, O=example.com",
 * or "*" for each certificate that the trust store accepts
 * (https://github.com/notaryproject/specifications, specs/trust-store-trust-policy.md). */

#include <openssl/x509.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct SubjectAttribute {
        const char *name; /* as in the identity, for messages */
        const char *oid;
        const char *value; /* UTF-8 */
} SubjectAttribute;

/* Attributes that the subject of a certificate must have. Texts are in an arena. */
typedef struct SubjectRule {
        SubjectAttribute *attributes;
        size_t n; /* 0: any subject */
} SubjectRule;

/* Reads an identity. ERROR_INVALID: it has another form, or lacks one of C, ST and O. */
int subject_rule_read(const char *text, Arena *arena, SubjectRule *ret, Error *err);

/* Returns 1 if one of the rules accepts the subject of the certificate, 0 if none does, or an
 * error. ERROR_HOSTILE: the subject has an attribute twice that a rule names. */
int subject_is_allowed(const X509 *certificate, const SubjectRule *rules, size_t n, Error *err);

/* Returns the subject in one line, such as "C = US, O = example.com". Returns NULL if memory ran
 * out. */
const char *subject_show(const X509 *certificate, Arena *arena);
