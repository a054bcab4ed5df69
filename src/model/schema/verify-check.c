#include "model/schema/verify-check.h"

#include <errno.h>

#include "base/limits-trust.h"

/* --- signers ---------------------------------------------------------------------------------- */

static bool is_empty(const char *text)
{
        return !text || !text[0];
}

static int check_identity(const VerifyIdentity *identity, DiagList *diags)
{
        if (is_empty(identity->issuer))
                diag_error(diags, identity->place,
                           "verify: an identity needs issuer, such as "
                           "https://token.actions.githubusercontent.com");
        else if (is_empty(identity->subject) == is_empty(identity->subject_pattern))
                diag_error(diags, identity->place,
                           "verify: an identity needs exactly one of subject and subjectPattern");
        else
                return 0;
        return -EINVAL;
}

static int check_identities(const VerifyIdentities *identities, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < identities->n; i++) {
                int r = check_identity(&identities->items[i], diags);

                worst = MIN(worst, r);
        }
        return worst;
}

/* Checks who must have signed. */
static int check_signers(const VerifyRule *rule, DiagList *diags)
{
        if (rule->keys.n == 0 && rule->identities.n == 0)
                diag_error(diags, rule->place,
                           "verify: the entry names no signer; give keys, which are files with "
                           "public keys such as cosign.pub, or identities");
        else if (rule->keys.n > 0 && rule->identities.n > 0)
                diag_error(diags, rule->place,
                           "verify: give keys or identities, not both; if both must have signed, "
                           "write two entries");
        else if (rule->keys.n > TRUST_KEYS_MAX)
                diag_error(diags, rule->place, "verify: keys names %zu files; at most %d are valid",
                           rule->keys.n, TRUST_KEYS_MAX);
        else if (rule->identities.n > IDENTITIES_MAX)
                diag_error(diags, rule->place,
                           "verify: identities has %zu entries; at most %d are valid",
                           rule->identities.n, IDENTITIES_MAX);
        else if (rule->identities.n > 0 && !rule->trusted_root)
                diag_error(diags, rule->place,
                           "verify: identities need trustedRoot: the file trusted_root.json of "
                           "the Sigstore instance");
        else if (rule->log != VERIFY_LOG_REQUIRED && !rule->trusted_root)
                diag_error(diags, rule->place,
                           "verify: transparencyLog needs trustedRoot, which names the authorities "
                           "for time stamps");
        else
                return check_identities(&rule->identities, diags);
        return -EINVAL;
}

/* --- fields of a type ------------------------------------------------------------------------- */

/* Returns a field of the rule that goes with type attestation; NULL: it has none. */
static const char *attestation_field(const VerifyRule *rule)
{
        return rule->predicate_type  ? "predicateType"
               : rule->max_age > 0   ? "maxAge"
               : rule->require.n > 0 ? "require"
                                     : NULL;
}

static const char *notation_field(const VerifyRule *rule)
{
        return rule->trust_store.n > 0             ? "trustStore"
               : rule->signing_authorities.n > 0   ? "signingAuthorities"
               : rule->timestamp_authorities.n > 0 ? "timestampAuthorities"
                                                   : NULL;
}

/* field: a field that the rule must not have; NULL: it has none. */
static int refuse_field(const VerifyRule *rule, const char *field, const char *type,
                        DiagList *diags)
{
        if (!field)
                return 0;
        diag_error(diags, rule->place, "verify: %s goes with type %s", field, type);
        return -EINVAL;
}

/* --- attestations ----------------------------------------------------------------------------- */

/* Checks that the text is a JSON pointer of RFC 6901. */
static bool is_pointer(const char *text)
{
        if (text[0] && text[0] != '/')
                return false;
        for (; *text; text++)
                if (*text == '~' && text[1] != '0' && text[1] != '1')
                        return false;
        return true;
}

static int check_require(const VerifyRule *rule, DiagList *diags)
{
        int worst = 0;

        if (rule->require.n > REQUIRED_MAX) {
                diag_error(diags, rule->place,
                           "verify: require has %zu values; at most %d are valid", rule->require.n,
                           REQUIRED_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < rule->require.n; i++)
                if (!is_pointer(rule->require.items[i].key)) {
                        diag_error(diags, rule->place,
                                   "verify: require: \"%s\" is not a JSON pointer, such as "
                                   "/metadata/result",
                                   rule->require.items[i].key);
                        worst = -EINVAL;
                }
        return worst;
}

static int check_attestation(const VerifyRule *rule, DiagList *diags)
{
        int r = refuse_field(rule, notation_field(rule), "notation", diags);

        if (r >= 0)
                r = check_signers(rule, diags);
        if (r < 0)
                return r;
        if (is_empty(rule->predicate_type))
                diag_error(diags, rule->place,
                           "verify: type attestation needs predicateType, such as "
                           "https://slsa.dev/provenance/v1");
        else if (rule->max_age > 0 && !rule->trusted_root)
                diag_error(diags, rule->place,
                           "verify: maxAge needs trustedRoot, because a key alone proves no time");
        else
                return check_require(rule, diags);
        return -EINVAL;
}

static int check_cosign(const VerifyRule *rule, DiagList *diags)
{
        int r = refuse_field(rule, attestation_field(rule), "attestation", diags);

        if (r >= 0)
                r = refuse_field(rule, notation_field(rule), "notation", diags);
        return r < 0 ? r : check_signers(rule, diags);
}

/* --- notation --------------------------------------------------------------------------------- */

static int check_trusted_identity(const VerifyRule *rule, const VerifyIdentity *identity,
                                  DiagList *diags)
{
        if (identity->issuer || identity->subject_pattern || is_empty(identity->subject))
                diag_error(diags, identity->place,
                           "verify: with type notation, write an identity as "
                           "'x509.subject: C=..., ST=..., O=...', or as \"*\"");
        else if (streq(identity->subject, "*") && rule->identities.n > 1)
                diag_error(diags, identity->place,
                           "verify: \"*\" allows each identity, so it must be the only one");
        else
                return 0;
        return -EINVAL;
}

static int check_trusted_identities(const VerifyRule *rule, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < rule->identities.n; i++) {
                int r = check_trusted_identity(rule, &rule->identities.items[i], diags);

                worst = MIN(worst, r);
        }
        return worst;
}

static int check_notation(const VerifyRule *rule, DiagList *diags)
{
        const size_t n_files =
                rule->trust_store.n + rule->signing_authorities.n + rule->timestamp_authorities.n;
        int r = refuse_field(rule, attestation_field(rule), "attestation", diags);

        if (r < 0)
                return r;
        if (rule->keys.n > 0 || rule->trusted_root || rule->log != VERIFY_LOG_REQUIRED)
                diag_error(diags, rule->place,
                           "verify: keys, trustedRoot and transparencyLog are not for type "
                           "notation; give "
                           "trustStore and identities");
        else if (rule->trust_store.n == 0 && rule->signing_authorities.n == 0)
                diag_error(diags, rule->place,
                           "verify: type notation needs trustStore: files with the root "
                           "certificates of signers");
        else if (n_files > TRUST_STORE_MAX)
                diag_error(diags, rule->place,
                           "verify: the entry names %zu files with certificates; at most %d are "
                           "valid",
                           n_files, TRUST_STORE_MAX);
        else if (rule->identities.n == 0)
                diag_error(diags, rule->place,
                           "verify: type notation needs identities, such as "
                           "'x509.subject: C=US, ST=WA, O=example.com'");
        else if (rule->identities.n > IDENTITIES_MAX)
                diag_error(diags, rule->place,
                           "verify: identities has %zu entries; at most %d are valid",
                           rule->identities.n, IDENTITIES_MAX);
        else
                return check_trusted_identities(rule, diags);
        return -EINVAL;
}

/* --- all types -------------------------------------------------------------------------------- */

typedef int (*RuleCheck)(const VerifyRule *rule, DiagList *diags);

static const RuleCheck checks[VERIFY_TYPE_MAX_] = {
        [VERIFY_COSIGN] = check_cosign,
        [VERIFY_ATTESTATION] = check_attestation,
        [VERIFY_NOTATION] = check_notation,
};

int verify_rules_check(const VerifyRules *rules, Place place, DiagList *diags)
{
        int worst = 0;

        if (place.line > 0 && rules->n == 0)
                diag_error(diags, place,
                           "verify has no entry; name a signature that images must have, or leave "
                           "the field out");
        else if (rules->n > VERIFY_RULES_MAX)
                diag_error(diags, rules->items[VERIFY_RULES_MAX].place,
                           "verify has %zu entries; at most %d are valid", rules->n,
                           VERIFY_RULES_MAX);
        else {
                for (size_t i = 0; i < rules->n; i++) {
                        int r = checks[rules->items[i].type](&rules->items[i], diags);

                        worst = MIN(worst, r);
                }
                return worst;
        }
        return -EINVAL;
}
