#include "model/enum-names.h"
#include "model/schema/schema.h"
#include "model/verify-rule.h"

/* clang-format off */
static const Field identity_fields[] = {
        { .name = "issuer", .type = FIELD_STRING, .offset = offsetof(VerifyIdentity, issuer),
          .doc = "The issuer of the token by which the signer proved its name, such as https://token.actions.githubusercontent.com. The issuer of the certificate must be the same text." },
        { .name = "subject", .type = FIELD_STRING, .offset = offsetof(VerifyIdentity, subject),
          .doc = "With type notation: attributes that the subject of the certificate must have, such as 'x509.subject: C=US, ST=WA, O=example.com'; C, ST and O are required. \"*\" allows each certificate that the trust store accepts. With other types: the name in the certificate, which is an e-mail address, or the URI of a workflow, such as https://github.com/shop/api/.github/workflows/build.yml@refs/heads/main. The name of the certificate must be the same text." },
        { .name = "subjectPattern", .type = FIELD_STRING, .format = FORMAT_REGEX, .offset = offsetof(VerifyIdentity, subject_pattern),
          .doc = "Instead of subject: a pattern that must match the complete name, such as 'https://github\\.com/shop/[^/@]+/\\.github/workflows/build\\.yml@refs/tags/v.*'. A dot matches any character, so write \\. for a dot." },
        { 0 },
};
static const Schema identity_schema = {
        .name = "identities", .fields = identity_fields, .size = sizeof(VerifyIdentity), .has_place = true,
        .doc = "A signer without a long-lived key.",
};

static const Field verify_fields[] = {
        { .name = "type", .type = FIELD_ENUM, .offset = offsetof(VerifyRule, type), .names = verify_type_names, .required = true,
          .doc = "The kind of signature: cosign (simple signing, or a Sigstore bundle), attestation (an in-toto statement about the image, as cosign attest makes it), or notation (Notary Project, as JWS or COSE)." },
        { .name = "mode", .type = FIELD_ENUM, .offset = offsetof(VerifyRule, mode), .names = verify_mode_names, .default_value = "enforce",
          .doc = "What happens to an image that does not meet the entry: enforce (it is skipped), or warn (it is used; the condition Warning has the reason SignatureTolerated)." },
        { .name = "keys", .type = FIELD_STRINGS, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(VerifyRule, keys),
          .doc = "PEM files with public keys: ECDSA (P-256, P-384, P-521), Ed25519, or RSA of at least 2048 bits. A signature by one of them is enough, so a new key can be added before the old one is removed. A changed file is read at the next poll." },
        { .name = "identities", .type = FIELD_LIST, .offset = offsetof(VerifyRule, identities), .schema = &identity_schema, .shorthand = "subject",
          .doc = "Instead of keys: the names of signers without a long-lived key, as cosign signs without --key; they need trustedRoot. With type notation: trusted identities, written as texts. A signature by one of them is enough." },
        { .name = "trustedRoot", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(VerifyRule, trusted_root),
          .doc = "The file trusted_root.json of the Sigstore instance: its authorities and logs. relmand fetches nothing from Sigstore, and reads a changed file at the next poll. With keys, the signature must also be in a transparency log of this file." },
        { .name = "transparencyLog", .type = FIELD_ENUM, .offset = offsetof(VerifyRule, log), .names = verify_log_names, .default_value = "required",
          .doc = "With trustedRoot: whether a transparency log must have the signature. optional is for instances of Sigstore without logs: a signature without an entry counts if an authority of trustedRoot has stamped its time (RFC 3161). The certificate then needs no timestamp (SCT) if trustedRoot names no log of certificates. Entries and time stamps that a signature has must be valid in any case." },
        { .name = "predicateType", .type = FIELD_STRING, .offset = offsetof(VerifyRule, predicate_type),
          .doc = "Type attestation: the predicate type of the statement, such as https://slsa.dev/provenance/v1. Others do not count." },
        { .name = "maxAge", .type = FIELD_DURATION, .offset = offsetof(VerifyRule, max_age), .positive = true,
          .doc = "Type attestation: how long ago it may have been signed, by the earliest time that a transparency log or a time stamp proves. Needs trustedRoot, because a key alone proves no time. An image is verified again when its attestation gets too old." },
        { .name = "require", .type = FIELD_PAIRS, .offset = offsetof(VerifyRule, require),
          .doc = "Type attestation: values that the predicate must have. Each key is a JSON pointer into the predicate (RFC 6901), such as /buildDefinition/buildType. Its value is text, a number, true, false or null, and equals a text of the same characters, too." },
        { .name = "trustStore", .type = FIELD_STRINGS, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(VerifyRule, trust_store),
          .doc = "Type notation: files with the root certificates of signers, in PEM, or one in DER. A self-signed certificate that signs is its own root. A changed file is read at the next poll." },
        { .name = "signingAuthorities", .type = FIELD_STRINGS, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(VerifyRule, signing_authorities),
          .doc = "Type notation: like trustStore, for signatures with the scheme notary.x509.signingAuthority. The time of signing that such a signature states is believed, so its certificate may have expired since." },
        { .name = "timestampAuthorities", .type = FIELD_STRINGS, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(VerifyRule, timestamp_authorities),
          .doc = "Type notation: files with the root certificates of authorities for time stamps (RFC 3161). A certificate that has expired since is accepted if a time stamp by one of them proves that it signed before." },
        { 0 },
};
const Schema verify_schema = {
        .name = "verify", .fields = verify_fields, .size = sizeof(VerifyRule), .has_place = true,
        .doc = "Which signature an image must have.",
};
/* clang-format on */
