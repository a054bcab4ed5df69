#include "trust/sct.h"

#include <errno.h>
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/limits-trust.h"
#include "trust/hash.h"

#define SIGNED_MAX ((size_t)1024 * 1024)

static void free_list(STACK_OF(SCT) * *list)
{
        SCT_LIST_free(*list);
}

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "%s", why);
}

/* Appends a number in big-endian order. */
static void put(Buffer *out, uint64_t number, unsigned n_bytes)
{
        while (n_bytes-- > 0)
                (void)buffer_putc(out, (char)(number >> (8 * n_bytes) & 0xff));
}

/* Appends the SHA-256 of the issuer's key. */
static int put_issuer(X509 *issuer, Buffer *out)
{
        unsigned char *der = NULL;
        int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &der);
        Hash hash = { 0 };
        int r = -ENOMEM;

        if (size > 0)
                r = hash_compute("sha256", (Bytes){ der, (size_t)size }, &hash, NULL);
        if (r >= 0)
                r = buffer_append(out, hash.data, hash.size);
        OPENSSL_free(der);
        return r;
}

/* Appends the certificate as the log has seen it: without the timestamps, and not signed. */
static int put_precertificate(const X509 *leaf, Buffer *out)
{
        X509 *copy = X509_dup(leaf);
        unsigned char *der = NULL;
        int size = -1, r = -ENOMEM;

        if (copy) {
                X509_EXTENSION_free(
                        X509_delete_ext(copy, X509_get_ext_by_NID(copy, NID_ct_precert_scts, -1)));
                size = i2d_re_X509_tbs(copy, &der);
        }
        if (size > 0) {
                put(out, (uint64_t)size, 3);
                r = buffer_append(out, der, (size_t)size);
        }
        OPENSSL_free(der);
        X509_free(copy);
        return r;
}

/* Writes what the log signs (RFC 6962, section 3.2), except for the issuer and the certificate. */
static void write_signed(const SCT *sct, const Buffer *entry, Buffer *out)
{
        unsigned char *extensions;
        const size_t n = SCT_get0_extensions(sct, &extensions);

        put(out, 0, 1); /* version 1 */
        put(out, 0, 1); /* a certificate timestamp */
        put(out, SCT_get_timestamp(sct), 8);
        put(out, 1, 2); /* of a precertificate */
        (void)buffer_append(out, entry->data, entry->size);
        put(out, n, 2);
        (void)buffer_append(out, extensions, n);
}

/* Returns 1 if the timestamp is a valid one of a trusted log, 0 if its log is not trusted. */
static int check_one(const SCT *sct, const Buffer *entry, const TrustedLogs *logs, Error *err)
{
        _cleanup_(buffer_done) Buffer data;
        const uint64_t milliseconds = SCT_get_timestamp(sct);
        const TrustedLog *log;
        unsigned char *id, *signature;
        SignedData item;
        int r;

        buffer_init(&data, SIGNED_MAX);
        if (SCT_get_version(sct) != SCT_VERSION_V1)
                return 0;
        item.signature_size = SCT_get0_log_id(sct, &id);
        if (!trusted_log_is_known(logs, (Bytes){ id, item.signature_size }))
                return 0;
        log = milliseconds < USEC_INFINITY / USEC_PER_MSEC
                      ? trusted_log_find(logs, (Bytes){ id, item.signature_size },
                                         milliseconds * USEC_PER_MSEC)
                      : NULL;
        if (!log || !log->key)
                return refuse("a certificate timestamp is of a time when its log was not valid",
                              err);
        write_signed(sct, entry, &data);
        if (data.failed)
                return error_oom(err);
        item.data = data.data;
        item.size = data.size;
        item.signature_size = SCT_get0_signature(sct, &signature);
        item.signature = signature;
        r = trust_key_verify(log->key, &item, err);
        return r == 0 ? refuse("a certificate timestamp (SCT) is not valid under the key of its log",
                               err)
                      : r;
}

int sct_verify(X509 *leaf, X509 *issuer, const TrustedLogs *logs, Error *err)
{
        _cleanup_(free_list) STACK_OF(SCT) *list =
                X509_get_ext_d2i(leaf, NID_ct_precert_scts, NULL, NULL);
        _cleanup_(buffer_done) Buffer entry;
        int n_valid = 0, r = 0;

        buffer_init(&entry, SIGNED_MAX);
        ERR_clear_error();
        if (!list)
                return refuse("the certificate of the signer has no timestamp (SCT) of a log", err);
        if (sk_SCT_num(list) > SCTS_MAX)
                return refuse("the certificate of the signer has too many timestamps (SCT)", err);
        if (put_issuer(issuer, &entry) < 0 || put_precertificate(leaf, &entry) < 0)
                return error_oom(err);
        for (int i = 0; i < sk_SCT_num(list) && r >= 0; i++) {
                r = check_one(sk_SCT_value(list, i), &entry, logs, err);
                n_valid += r > 0;
        }
        if (r < 0)
                return r;
        return n_valid > 0
                       ? 0
                       : refuse("no timestamp (SCT) of the certificate is of a trusted log", err);
}
