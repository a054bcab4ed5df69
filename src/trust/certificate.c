#include "trust/certificate.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/limits-trust.h"

#define AUTH_LEVEL 2 /* of libcrypto: 112 bits, as RSA with 2048 bits has; no SHA-1 */

#define OID_ISSUER_RAW "1.3.6.1.4.1.57264.1.1" /* the value is the text itself */
#define OID_OTHER_NAME "1.3.6.1.4.1.57264.1.7"
#define OID_ISSUER     "1.3.6.1.4.1.57264.1.8" /* the value is a UTF8String */

static void free_store(X509_STORE **store)
{
        X509_STORE_free(*store);
}

static void free_store_context(X509_STORE_CTX **context)
{
        X509_STORE_CTX_free(*context);
}

static void free_stack(STACK_OF(X509) * *stack)
{
        sk_X509_free(*stack); /* the certificates are borrowed */
}

static void free_object(ASN1_OBJECT **object)
{
        ASN1_OBJECT_free(*object);
}

static void free_names(GENERAL_NAMES **names)
{
        GENERAL_NAMES_free(*names);
}

static void free_text(ASN1_UTF8STRING **text)
{
        ASN1_UTF8STRING_free(*text);
}

static int refuse(Error *err, const char *why)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "the certificate of the signer %s", why);
}

int certificate_read(const char *what, Bytes der, X509 **ret, Error *err)
{
        const unsigned char *at = der.data;
        X509 *certificate = der.size <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.size) : NULL;

        ERR_clear_error();
        if (certificate && at == der.data + der.size) {
                *ret = certificate;
                return 0;
        }
        X509_free(certificate);
        return error_set(err, ERROR_INVALID, -EINVAL, "%s is not a certificate in DER", what);
}

/* libcrypto has decoded the key already. Decoding it again takes a fifth of a verification. */
int certificate_key(X509 *certificate, TrustKey **ret, Error *err)
{
        static const char name[] = "the key of the certificate";
        EVP_PKEY *pkey = X509_get_pubkey(certificate);

        ERR_clear_error();
        if (!pkey)
                return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is not a public key in DER",
                                 name);
        return trust_key_take(name, pkey, ret, err);
}

/* --- chains ----------------------------------------------------------------------------------- */

/* Returns all certificates that may be between the leaf and the root of the authority; NULL if
 * memory ran out. */
static STACK_OF(X509) * list_between(const ChainQuery *query, const Authority *authority)
{
        _cleanup_(free_stack) STACK_OF(X509) *list = sk_X509_new_null();

        for (int i = 0; list && i < sk_X509_num(authority->chain) - 1; i++)
                if (!sk_X509_push(list, sk_X509_value(authority->chain, i)))
                        return NULL;
        for (int i = 0; list && query->between && i < sk_X509_num(query->between); i++)
                if (!sk_X509_push(list, sk_X509_value(query->between, i)))
                        return NULL;
        return TAKE(list);
}

/* Returns 0, an error of X509_verify_cert(), or -ENOMEM. */
static int verify_with(const ChainQuery *query, const Authority *authority, X509 **ret_issuer)
{
        _cleanup_(free_store) X509_STORE *store = X509_STORE_new();
        _cleanup_(free_store_context) X509_STORE_CTX *context = X509_STORE_CTX_new();
        _cleanup_(free_stack) STACK_OF(X509) *between = list_between(query, authority);
        X509 *root = sk_X509_value(authority->chain, sk_X509_num(authority->chain) - 1), *issuer;
        X509_VERIFY_PARAM *parameters;

        if (!store || !context || !between || X509_STORE_add_cert(store, root) != 1 ||
            X509_STORE_CTX_init(context, store, query->leaf, between) != 1)
                return -ENOMEM;
        parameters = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(parameters, (time_t)(query->when / USEC_PER_SEC));
        X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
        /* a pinned root may be issued by another one */
        (void)X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
        if (X509_verify_cert(context) != 1)
                return X509_STORE_CTX_get_error(context);
        issuer = sk_X509_value(X509_STORE_CTX_get0_chain(context), 1);
        if (!issuer)
                return X509_V_ERR_CERT_UNTRUSTED; /* the leaf is the root */
        X509_up_ref(issuer);
        *ret_issuer = issuer;
        return 0;
}

int certificate_verify_chain(const ChainQuery *query, const Authorities *authorities,
                             X509 **ret_issuer, Error *err)
{
        int r = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        char time[TIME_TEXT_SIZE];

        for (size_t i = 0; i < authorities->n && r != 0; i++) {
                const Authority *authority = &authorities->items[i];

                if (query->when < authority->from || query->when > authority->until)
                        continue;
                r = verify_with(query, authority, ret_issuer);
                ERR_clear_error();
                if (r == -ENOMEM)
                        return error_oom(err);
        }
        if (r == 0)
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the certificate of the signer has no valid chain to a trusted root at "
                         "%s: %s",
                         time_format(query->when, time), X509_verify_cert_error_string(r));
}

int certificate_check_usage(X509 *leaf, Error *err)
{
        const uint32_t flags = X509_get_extension_flags(leaf);

        if (flags & EXFLAG_INVALID)
                return refuse(err, "has an invalid extension");
        if (X509_check_ca(leaf) != 0 || (flags & EXFLAG_CA))
                return refuse(err, "is that of an authority");
        if (!(flags & EXFLAG_KUSAGE) || !(X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE))
                return refuse(err, "is not for digital signatures (key usage)");
        /* without the extension libcrypto returns that all usages are allowed */
        if (!(flags & EXFLAG_XKUSAGE) || !(X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN))
                return refuse(err, "is not for code signing (extended key usage)");
        return 0;
}

/* --- identities ------------------------------------------------------------------------------- */

static int copy_text(Arena *arena, const ASN1_STRING *from, const char **ret, Error *err)
{
        const unsigned char *data = ASN1_STRING_get0_data(from);
        const int size = ASN1_STRING_length(from);

        if (size <= 0 || memchr(data, '\0', (size_t)size))
                return refuse(err, "has an empty identity, or one with a NUL byte");
        *ret = arena_strndup(arena, (const char *)data, (size_t)size);
        return *ret ? 0 : error_oom(err);
}

static int read_other_name(const OTHERNAME *name, Arena *arena, const char **ret, Error *err)
{
        _cleanup_(free_object) ASN1_OBJECT *oid = OBJ_txt2obj(OID_OTHER_NAME, 1);

        if (!oid)
                return error_oom(err);
        if (OBJ_cmp(name->type_id, oid) != 0 || name->value->type != V_ASN1_UTF8STRING)
                return refuse(err, "has a name of another kind than email, URI and Fulcio's");
        return copy_text(arena, name->value->value.utf8string, ret, err);
}

static int read_subject(X509 *leaf, Arena *arena, const char **ret, Error *err)
{
        int critical = 0;
        _cleanup_(free_names) GENERAL_NAMES *names =
                X509_get_ext_d2i(leaf, NID_subject_alt_name, &critical, NULL);
        const GENERAL_NAME *name;

        if (!names)
                return refuse(err, critical == -2 ? "has its names twice" : "has no name");
        /* Fulcio writes one name; with several it would be unclear which one was proved */
        if (sk_GENERAL_NAME_num(names) != 1)
                return refuse(err, "has not exactly one name");
        name = sk_GENERAL_NAME_value(names, 0);
        switch (name->type) {
        case GEN_EMAIL: return copy_text(arena, name->d.rfc822Name, ret, err);
        case GEN_URI: return copy_text(arena, name->d.uniformResourceIdentifier, ret, err);
        case GEN_OTHERNAME: return read_other_name(name->d.otherName, arena, ret, err);
        default: /* libcrypto's constants */
                return refuse(err, "has a name of another kind than email, URI and Fulcio's");
        }
}

/* Sets *ret to the value of an extension, NULL if it does not exist. Refuses one that occurs twice.
 */
static int find_extension(X509 *leaf, const char *oid, const ASN1_OCTET_STRING **ret, Error *err)
{
        _cleanup_(free_object) ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
        int at;

        if (!object)
                return error_oom(err);
        at = X509_get_ext_by_OBJ(leaf, object, -1);
        if (at >= 0 && X509_get_ext_by_OBJ(leaf, object, at) >= 0)
                return refuse(err, "has its issuer twice");
        *ret = at >= 0 ? X509_EXTENSION_get_data(X509_get_ext(leaf, at)) : NULL;
        return 0;
}

static int read_issuer(X509 *leaf, Arena *arena, const char **ret, Error *err)
{
        const ASN1_OCTET_STRING *value = NULL, *raw = NULL;
        _cleanup_(free_text) ASN1_UTF8STRING *text = NULL;
        const unsigned char *at;
        int r = find_extension(leaf, OID_ISSUER, &value, err);

        if (r >= 0)
                r = find_extension(leaf, OID_ISSUER_RAW, &raw, err);
        if (r < 0)
                return r;
        if (!value)
                return raw ? copy_text(arena, raw, ret, err)
                           : refuse(err, "does not name the issuer of the identity");
        at = ASN1_STRING_get0_data(value);
        text = d2i_ASN1_UTF8STRING(NULL, &at, ASN1_STRING_length(value));
        ERR_clear_error();
        if (!text || at != ASN1_STRING_get0_data(value) + ASN1_STRING_length(value))
                return refuse(err, "has an issuer that is not a UTF8String");
        r = copy_text(arena, text, ret, err);
        if (r >= 0 && raw && ASN1_STRING_cmp(raw, text) != 0) /* compares the types, too */
                return ASN1_STRING_length(raw) == ASN1_STRING_length(text) &&
                                       memcmp(ASN1_STRING_get0_data(raw),
                                              ASN1_STRING_get0_data(text),
                                              (size_t)ASN1_STRING_length(raw)) == 0
                               ? 0
                               : refuse(err, "names two issuers of the identity");
        return r;
}

int certificate_identity(X509 *leaf, Arena *arena, SignerIdentity *ret, Error *err)
{
        SignerIdentity identity = { 0 };
        int r = read_subject(leaf, arena, &identity.subject, err);

        if (r >= 0)
                r = read_issuer(leaf, arena, &identity.issuer, err);
        if (r >= 0)
                *ret = identity;
        ERR_clear_error();
        return r;
}

int identity_pattern_new(const char *pattern, Regex **ret, Error *err)
{
        _cleanup_(buffer_done) Buffer anchored;
        _cleanup_(regex_freep) Regex *alone = NULL;
        int r;

        buffer_init(&anchored, SUBJECT_PATTERN_MAX);
        r = regex_new(pattern, &alone, err); /* "a)|(b" would be valid in parentheses */
        if (r < 0)
                return r;
        if (buffer_printf(&anchored, "\\A(?:%s)\\z", pattern) < 0)
                return error_oom(err); /* regex_new() refused what is too long */
        return regex_new(anchored.data, ret, err);
}

static int matches(const IdentityRule *rule, const char *subject)
{
        const RegexText text = { .data = subject, .size = strlen(subject) };
        RegexSpan span;

        if (rule->subject)
                return streq(rule->subject, subject);
        return rule->pattern ? regex_match(rule->pattern, NULL, &text, &span, 1) : 0;
}

int identity_is_allowed(const SignerIdentity *identity, const IdentityRule *rules, size_t n,
                        Error *err)
{
        for (size_t i = 0; i < n; i++) {
                int r;

                if (!streq(rules[i].issuer, identity->issuer))
                        continue;
                r = matches(&rules[i], identity->subject);
                if (r == -ENOMEM)
                        return error_oom(err);
                if (r < 0)
                        return error_set(err, ERROR_INVALID, r,
                                         "matching the subject with the pattern takes too long");
                if (r > 0)
                        return 1;
        }
        return 0;
}
