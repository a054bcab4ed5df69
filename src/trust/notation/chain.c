#include "trust/notation/chain.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits-trust.h"

#define AUTH_LEVEL 2 /* of libcrypto: 112 bits, as RSA with 2048 bits has; no SHA-1 */

#define PEM_BEGIN "-----BEGIN "

static void free_bio(BIO **bio)
{
        BIO_free_all(*bio);
}

static void free_store(X509_STORE **store)
{
        X509_STORE_free(*store);
}

static void free_store_context(X509_STORE_CTX **context)
{
        X509_STORE_CTX_free(*context);
}

/* A certificate whose issuer has the same name may be issued by another key, so the signature
 * decides. */
static bool is_self_signed(X509 *certificate)
{
        const bool is_valid = X509_self_signed(certificate, 1) == 1;

        ERR_clear_error();
        return is_valid;
}

/* --- the trust store -------------------------------------------------------------------------- */

/* Takes ownership of the certificate, also on failure. */
static int add(Authorities *authorities, X509 *certificate, Error *err)
{
        Authority *items = reallocarray(authorities->items, authorities->n + 1, sizeof(*items));
        STACK_OF(X509) *chain = sk_X509_new_null();

        if (items)
                authorities->items = items;
        if (!items || !chain || sk_X509_push(chain, certificate) <= 0) {
                sk_X509_free(chain);
                X509_free(certificate);
                return error_oom(err);
        }
        items[authorities->n++] = (Authority){ .chain = chain, .until = USEC_INFINITY };
        return 0;
}

static int check_anchor(const char *name, X509 *certificate, Error *err)
{
        if (X509_check_ca(certificate) != 0 || is_self_signed(certificate))
                return 0;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "'%s' has a certificate that is neither of an authority nor self-signed; "
                         "name the root certificates",
                         name);
}

static int read_pem(Authorities *authorities, const char *name, Bytes text, Error *err)
{
        _cleanup_(free_bio) BIO *bio = BIO_new_mem_buf(text.data, (int)text.size);
        X509 *certificate;
        int r = 0;

        if (!bio)
                return error_oom(err);
        while (r >= 0 && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
                if (authorities->n == TRUST_STORE_MAX) {
                        X509_free(certificate);
                        return error_set(err, ERROR_INVALID, -E2BIG,
                                         "'%s' has more than %d certificates", name,
                                         TRUST_STORE_MAX);
                }
                r = check_anchor(name, certificate, err);
                if (r < 0)
                        X509_free(certificate);
                else
                        r = add(authorities, certificate, err);
        }
        if (r >= 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "'%s' has a certificate that cannot be read", name);
        ERR_clear_error();
        return r;
}

int trust_store_read(TrustStore *store, TrustStoreType type, const char *name, Bytes text,
                     Error *err)
{
        Authorities *authorities = &store->types[type];
        const size_t n_before = authorities->n;
        X509 *certificate = NULL;
        int r;

        if (text.size > INT_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG, "'%s' is too large", name);
        if (memmem(text.data, text.size, PEM_BEGIN, strlen(PEM_BEGIN)))
                r = read_pem(authorities, name, text, err);
        else if (certificate_read(name, text, &certificate, NULL) < 0)
                r = 0;
        else {
                r = check_anchor(name, certificate, err);
                if (r >= 0)
                        r = add(authorities, TAKE(certificate), err);
                X509_free(certificate);
        }
        if (r < 0 || authorities->n > n_before)
                return r;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "'%s' has no certificate in PEM, which begins with -----BEGIN "
                         "CERTIFICATE-----",
                         name);
}

void trust_store_done(TrustStore *store)
{
        for (size_t i = 0; i < ARRAY_SIZE(store->types); i++) {
                for (size_t j = 0; j < store->types[i].n; j++)
                        sk_X509_pop_free(store->types[i].items[j].chain, X509_free);
                free(store->types[i].items);
        }
        *store = (TrustStore){ 0 };
}

/* --- requirements ----------------------------------------------------------------------------- */

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "the certificate of the signer %s", why);
}

/* True if the key usage exists, is critical and has this bit. */
static bool has_usage(X509 *certificate, uint32_t bit)
{
        const X509_EXTENSION *usage =
                X509_get_ext(certificate, X509_get_ext_by_NID(certificate, NID_key_usage, -1));

        return usage && X509_EXTENSION_get_critical(usage) &&
               (X509_get_key_usage(certificate) & bit) != 0;
}

static int check_leaf(X509 *leaf, Error *err)
{
        const uint32_t others = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT |
                                KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_ENCIPHER_ONLY |
                                KU_DECIPHER_ONLY,
                       foreign = XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_SMIME | XKU_TIMESTAMP |
                                 XKU_OCSP_SIGN | XKU_ANYEKU,
                       flags = X509_get_extension_flags(leaf);

        if (flags & EXFLAG_INVALID)
                return refuse("has an invalid extension", err);
        if (flags & EXFLAG_CA)
                return refuse("is that of an authority", err);
        if (!has_usage(leaf, KU_DIGITAL_SIGNATURE))
                return refuse("is not for digital signatures (critical key usage)", err);
        if (X509_get_key_usage(leaf) & others)
                return refuse("is for more than digital signatures (key usage)", err);
        /* the specification allows a certificate without the extension */
        if ((flags & EXFLAG_XKUSAGE) && (!(X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN) ||
                                         (X509_get_extended_key_usage(leaf) & foreign)))
                return refuse("is not for code signing alone (extended key usage)", err);
        return 0;
}

static int check_order(STACK_OF(X509) * chain, Error *err)
{
        const int n = sk_X509_num(chain);

        for (int i = 0; i < n; i++) {
                X509 *certificate = sk_X509_value(chain, i);

                if (i > 0 &&
                    (X509_check_ca(certificate) != 1 || !has_usage(certificate, KU_KEY_CERT_SIGN)))
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "certificate %d of the chain is not one of an authority",
                                         i + 1);
                if (is_self_signed(certificate) != (i == n - 1))
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         i == n - 1
                                                 ? "the chain of certificates does not end with a "
                                                   "root"
                                                 : "the chain of certificates goes on after a "
                                                   "root");
                if (i < n - 1 &&
                    X509_NAME_cmp(X509_get_issuer_name(certificate),
                                  X509_get_subject_name(sk_X509_value(chain, i + 1))) != 0)
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "certificate %d of the chain is not issued by the next "
                                         "one",
                                         i + 1);
        }
        return 0;
}

int notation_chain_read(const NotationEnvelope *envelope, STACK_OF(X509) * *ret, Error *err)
{
        _cleanup_(free_chain) STACK_OF(X509) *chain = sk_X509_new_null();
        int r = chain ? 0 : error_oom(err);

        for (size_t i = 0; i < envelope->n_chain && r >= 0; i++) {
                X509 *certificate = NULL;

                r = certificate_read("an item of the chain", envelope->chain[i], &certificate, err);
                if (r >= 0 && sk_X509_push(chain, certificate) <= 0) {
                        X509_free(certificate);
                        r = error_oom(err);
                }
        }
        if (r >= 0)
                r = check_leaf(sk_X509_value(chain, 0), err);
        if (r >= 0)
                r = check_order(chain, err);
        if (r >= 0)
                *ret = TAKE(chain);
        return r;
}

/* --- trust ------------------------------------------------------------------------------------ */

static X509_STORE *make_store(const Authorities *roots)
{
        _cleanup_(free_store) X509_STORE *store = X509_STORE_new();

        for (size_t i = 0; store && i < roots->n; i++)
                if (X509_STORE_add_cert(store, sk_X509_value(roots->items[i].chain, 0)) != 1)
                        return NULL;
        return TAKE(store);
}

int notation_chain_verify(STACK_OF(X509) * chain, const Authorities *roots, usec_t when, Error *err)
{
        _cleanup_(free_store) X509_STORE *store = make_store(roots);
        _cleanup_(free_store_context) X509_STORE_CTX *context = X509_STORE_CTX_new();
        char time[TIME_TEXT_SIZE];
        X509_VERIFY_PARAM *parameters;
        int r = 0;

        if (!store || !context ||
            X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) != 1) {
                ERR_clear_error();
                return error_oom(err);
        }
        parameters = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(parameters, (time_t)(when / USEC_PER_SEC));
        X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
        /* The specification forbids that other extensions are evaluated. The trust store may hold
         * an authority that another one issued, or the certificate that signs. */
        (void)X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN |
                                                              X509_V_FLAG_IGNORE_CRITICAL |
                                                              X509_V_FLAG_CHECK_SS_SIGNATURE);
        if (X509_verify_cert(context) != 1)
                r = error_set(err, ERROR_HOSTILE, -EBADMSG,
                              "the certificate of the signer has no valid chain to the trust store "
                              "at %s: %s",
                              time_format(when, time),
                              X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
        ERR_clear_error();
        return r;
}

usec_t notation_chain_end(STACK_OF(X509) * chain)
{
        usec_t end = USEC_INFINITY;

        for (int i = 0; i < sk_X509_num(chain); i++) {
                struct tm tm = { 0 };
                time_t seconds;

                if (ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &tm) != 1)
                        continue; /* libcrypto refuses such a certificate */
                seconds = timegm(&tm);
                end = MIN(end, seconds > 0 ? (usec_t)seconds * USEC_PER_SEC : 0);
        }
        return end;
}
