#include "trust/time-stamp.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "trust/hash.h"

#define AUTH_LEVEL 2 /* of libcrypto: 112 bits; no SHA-1 */
#define VERSION    1

#define ACCURACY_PART_MAX   86400 /* of each unit */
#define OID_TEXT_SIZE       80
#define OID_BASELINE_POLICY "0.4.0.2023.1.1" /* RFC 3628, 5.2: accurate to a second */

static void free_response(TS_RESP **response)
{
        TS_RESP_free(*response);
}

static void free_store(X509_STORE **store)
{
        X509_STORE_free(*store);
}

static void free_token(PKCS7 **token)
{
        PKCS7_free(*token);
}

static void free_info(TS_TST_INFO **info)
{
        TS_TST_INFO_free(*info);
}

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "the time stamp %s", why);
}

static int read_response(Bytes stamp, TS_RESP **ret, Error *err)
{
        const unsigned char *at = stamp.data;
        TS_RESP *response =
                stamp.size <= LONG_MAX ? d2i_TS_RESP(NULL, &at, (long)stamp.size) : NULL;

        ERR_clear_error();
        if (response && at == stamp.data + stamp.size) {
                *ret = response;
                return 0;
        }
        TS_RESP_free(response);
        return error_set(err, ERROR_INVALID, -EINVAL, "the time stamp is not a response in DER");
}

static int read_time(const TS_TST_INFO *info, usec_t *ret)
{
        struct tm tm = { 0 };
        time_t seconds;

        if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
                return -EINVAL;
        seconds = timegm(&tm);
        if (seconds <= 0)
                return -EINVAL;
        *ret = (usec_t)seconds * USEC_PER_SEC;
        return 0;
}

/* Verifies that the stamp is about the signature. */
static int check_imprint(TS_TST_INFO *info, Bytes signature, Error *err)
{
        static const struct {
                int nid;
                const char *name;
        } hashes[] = {
                { NID_sha256, "sha256" },
                { NID_sha384, "sha384" },
                { NID_sha512, "sha512" },
        };
        TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
        const ASN1_OCTET_STRING *wanted = TS_MSG_IMPRINT_get_msg(imprint);
        const ASN1_OBJECT *algorithm;

        X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
        for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
                Hash hash;
                int r;

                if (hashes[i].nid != OBJ_obj2nid(algorithm))
                        continue;
                r = hash_compute(hashes[i].name, signature, &hash, err);
                if (r < 0)
                        return r;
                return hash_equals(&hash, (Bytes){ ASN1_STRING_get0_data(wanted),
                                                   (size_t)ASN1_STRING_length(wanted) })
                               ? 0
                               : refuse("is about another signature", err);
        }
        return refuse("has a hash algorithm that is not one of SHA-256, SHA-384 and SHA-512", err);
}

/* Returns a store with the root of the authority, at the time of the stamp. */
static X509_STORE *make_store(const Authority *authority, usec_t when)
{
        _cleanup_(free_store) X509_STORE *store = X509_STORE_new();
        X509_VERIFY_PARAM *parameters;

        if (!store ||
            X509_STORE_add_cert(
                    store, sk_X509_value(authority->chain, sk_X509_num(authority->chain) - 1)) != 1)
                return NULL;
        parameters = X509_STORE_get0_param(store);
        X509_VERIFY_PARAM_set_time(parameters, (time_t)(when / USEC_PER_SEC));
        X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
        (void)X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
        return TAKE(store);
}

/* Returns 1 if the authority has signed the stamp, 0 if not, or -ENOMEM. */
static int is_signed_by(PKCS7 *token, const Authority *authority, usec_t when)
{
        _cleanup_(free_store) X509_STORE *store = make_store(authority, when);
        X509 *first = sk_X509_value(authority->chain, 0), *signer = NULL;
        bool is_valid;

        if (!store)
                return -ENOMEM;
        is_valid = TS_RESP_verify_signature(token, authority->chain, store, &signer) == 1;
        /* if the root pins the certificate that stamps, no other one of the authority counts */
        if (is_valid && X509_check_ca(first) == 0)
                is_valid = X509_cmp(signer, first) == 0;
        X509_free(signer);
        return is_valid;
}

static int find_authority(PKCS7 *token, const Authorities *authorities, usec_t when, Error *err)
{
        bool is_in_time = false;

        for (size_t i = 0; i < authorities->n; i++) {
                const Authority *authority = &authorities->items[i];
                int r;

                if (when < authority->from || when > authority->until)
                        continue;
                is_in_time = true;
                r = is_signed_by(token, authority, when);
                ERR_clear_error();
                if (r < 0)
                        return error_oom(err);
                if (r > 0)
                        return 0;
        }
        return refuse(is_in_time ? "is not signed by a trusted authority"
                                 : "is of a time when no trusted authority was valid",
                      err);
}

static int verify_token(PKCS7 *token, TS_TST_INFO *info, Bytes signature,
                        const Authorities *authorities, usec_t *ret, Error *err)
{
        usec_t when = 0;
        int r;

        if (TS_TST_INFO_get_version(info) != VERSION || read_time(info, &when) < 0)
                return refuse("has another version than 1, or no valid time", err);
        r = check_imprint(info, signature, err);
        if (r >= 0)
                r = find_authority(token, authorities, when, err);
        if (r >= 0)
                *ret = when;
        return r;
}

int time_stamp_verify(Bytes stamp, Bytes signature, const Authorities *authorities, usec_t *ret,
                      Error *err)
{
        _cleanup_(free_response) TS_RESP *response = NULL;
        TS_TST_INFO *info;
        int64_t status = -1;
        int r = read_response(stamp, &response, err);

        if (r < 0)
                return r;
        info = TS_RESP_get_tst_info(response);
        /* 0: granted; 1: granted with changes */
        if (ASN1_INTEGER_get_int64(
                    &status, TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response))) != 1 ||
            status < 0 || status > 1 || !info || !TS_RESP_get_token(response))
                r = refuse("was not granted", err);
        else
                r = verify_token(TS_RESP_get_token(response), info, signature, authorities, ret,
                                 err);
        ERR_clear_error();
        return r;
}

/* --- tokens ----------------------------------------------------------------------------------- */

/* Adds a part of the accuracy. Returns -EINVAL if it is not sensible. */
static int add_part(const ASN1_INTEGER *part, usec_t unit, usec_t *total)
{
        int64_t value = 0;

        if (!part)
                return 0;
        if (ASN1_INTEGER_get_int64(&value, part) != 1 || value < 0 || value > ACCURACY_PART_MAX)
                return -EINVAL;
        *total += (usec_t)value * unit;
        return 0;
}

static int read_accuracy(TS_TST_INFO *info, usec_t *ret)
{
        TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);
        char policy[OID_TEXT_SIZE];

        *ret = 0;
        if (accuracy)
                return add_part(TS_ACCURACY_get_seconds(accuracy), USEC_PER_SEC, ret) < 0 ||
                                       add_part(TS_ACCURACY_get_millis(accuracy), USEC_PER_MSEC,
                                                ret) < 0 ||
                                       add_part(TS_ACCURACY_get_micros(accuracy), 1, ret) < 0
                               ? -EINVAL
                               : 0;
        if (OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(info), 1) > 0 &&
            streq(policy, OID_BASELINE_POLICY))
                *ret = USEC_PER_SEC;
        return 0;
}

int time_token_verify(Bytes token, Bytes signature, const Authorities *authorities, TimeRange *ret,
                      Error *err)
{
        const unsigned char *at = token.data;
        _cleanup_(free_token) PKCS7 *read =
                token.size <= LONG_MAX ? d2i_PKCS7(NULL, &at, (long)token.size) : NULL;
        _cleanup_(free_info) TS_TST_INFO *info = NULL;
        usec_t when = 0, accuracy = 0;
        int r;

        if (read && at == token.data + token.size && PKCS7_type_is_signed(read))
                info = PKCS7_to_TS_TST_INFO(read);
        if (!info)
                r = error_set(err, ERROR_INVALID, -EINVAL, "the time stamp is not a token in DER");
        else
                r = verify_token(read, info, signature, authorities, &when, err);
        if (r >= 0 && (read_accuracy(info, &accuracy) < 0 || accuracy > when))
                r = refuse("has no valid accuracy", err);
        ERR_clear_error();
        if (r >= 0)
                *ret = (TimeRange){ when - accuracy, when + accuracy };
        return r;
}
