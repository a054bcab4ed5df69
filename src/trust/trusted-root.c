#include "trust/trusted-root.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "base/limits-trust.h"

#define ROOT_ARENA_MAX ((size_t)4 * TRUSTED_ROOT_MAX)

/* --- messages --------------------------------------------------------------------------------- */

typedef struct Period {
        bool is_present;
        usec_t start, end;
} Period;

typedef struct LogKey {
        bool is_present;
        Bytes raw;
        const char *details;
        Period period;
} LogKey;

typedef struct LogFields {
        bool is_present;
        const char *base_url, *hash_algorithm, *operator_name;
        LogKey key;
        ProtoBytes id, checkpoint_id;
} LogFields;

typedef struct Subject {
        bool is_present;
        const char *organization, *common_name;
} Subject;

typedef struct CertificateList {
        bool is_present;
        ProtoList list; /* of ProtoBytes */
} CertificateList;

typedef struct AuthorityFields {
        bool is_present;
        Subject subject;
        const char *uri, *operator_name;
        CertificateList chain;
        Period period;
} AuthorityFields;

typedef struct RootFields {
        bool is_present;
        const char *media_type;
        ProtoList entry_logs, certificate_logs; /* of LogFields */
        ProtoList signers, timestampers;        /* of AuthorityFields */
} RootFields;

/* clang-format off */
static const ProtoField period_fields[] = {
        TIME_FIELD("start", Period, start),
        TIME_FIELD("end", Period, end),
};
static const ProtoMessage period = PROTO_MESSAGE_OF(Period, "time range", period_fields);

static const ProtoField id_fields[] = { BYTES_FIELD("keyId", ProtoBytes, bytes, true) };
static const ProtoMessage id = PROTO_MESSAGE_OF(ProtoBytes, "log id", id_fields);

static const ProtoField key_fields[] = {
        BYTES_FIELD("rawBytes", LogKey, raw, true),
        TEXT_FIELD("keyDetails", LogKey, details, true),
        MESSAGE_FIELD("validFor", LogKey, period, &period, false),
};
static const ProtoMessage key = PROTO_MESSAGE_OF(LogKey, "public key", key_fields);

static const ProtoField log_fields[] = {
        TEXT_FIELD("baseUrl", LogFields, base_url, true),
        TEXT_FIELD("hashAlgorithm", LogFields, hash_algorithm, true),
        MESSAGE_FIELD("publicKey", LogFields, key, &key, true),
        MESSAGE_FIELD("logId", LogFields, id, &id, true),
        MESSAGE_FIELD("checkpointKeyId", LogFields, checkpoint_id, &id, false),
        TEXT_FIELD("operator", LogFields, operator_name, false),
};
static const ProtoMessage log_message = PROTO_MESSAGE_OF(LogFields, "log", log_fields);

static const ProtoField subject_fields[] = {
        TEXT_FIELD("organization", Subject, organization, false),
        TEXT_FIELD("commonName", Subject, common_name, false),
};
static const ProtoMessage subject = PROTO_MESSAGE_OF(Subject, "subject", subject_fields);

static const ProtoField certificate_fields[] = { BYTES_FIELD("rawBytes", ProtoBytes, bytes, true) };
static const ProtoMessage certificate = PROTO_MESSAGE_OF(ProtoBytes, "certificate", certificate_fields);

static const ProtoField chain_fields[] = {
        LIST_FIELD("certificates", CertificateList, list, &certificate, CHAIN_MAX),
};
static const ProtoMessage chain = PROTO_MESSAGE_OF(CertificateList, "certificate chain", chain_fields);

static const ProtoField authority_fields[] = {
        MESSAGE_FIELD("subject", AuthorityFields, subject, &subject, false),
        TEXT_FIELD("uri", AuthorityFields, uri, false),
        MESSAGE_FIELD("certChain", AuthorityFields, chain, &chain, true),
        MESSAGE_FIELD("validFor", AuthorityFields, period, &period, false),
        TEXT_FIELD("operator", AuthorityFields, operator_name, false),
};
static const ProtoMessage authority = PROTO_MESSAGE_OF(AuthorityFields, "authority", authority_fields);

static const ProtoField root_fields[] = {
        TEXT_FIELD("mediaType", RootFields, media_type, true),
        LIST_FIELD("tlogs", RootFields, entry_logs, &log_message, AUTHORITIES_MAX),
        LIST_FIELD("certificateAuthorities", RootFields, signers, &authority, AUTHORITIES_MAX),
        LIST_FIELD("ctlogs", RootFields, certificate_logs, &log_message, AUTHORITIES_MAX),
        LIST_FIELD("timestampAuthorities", RootFields, timestampers, &authority, AUTHORITIES_MAX),
};
static const ProtoMessage root_message = PROTO_MESSAGE_OF(RootFields, "trusted root", root_fields);
/* clang-format on */

/* --- logs ------------------------------------------------------------------------------------- */

static void take_period(const Period *from, usec_t *ret_from, usec_t *ret_until)
{
        *ret_from = from->start;
        *ret_until = from->end ? from->end : USEC_INFINITY;
}

/* Copies host and port of an address. */
static const char *host_of(const char *address, Arena *arena)
{
        const char *scheme = strstr(address, "://");
        const char *host = scheme ? scheme + strlen("://") : address;

        return arena_strndup(arena, host, strcspn(host, "/"));
}

/* Reads an RSA key in the form of PKCS#1, which old logs have. */
static int read_pkcs1(Bytes raw, TrustKey **ret, Error *err)
{
        const unsigned char *at = raw.data;
        EVP_PKEY *pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)raw.size);
        const bool is_complete = pkey && at == raw.data + raw.size;
        unsigned char *der = NULL;
        int size = is_complete ? i2d_PUBKEY(pkey, &der) : -1;
        int r;

        EVP_PKEY_free(pkey);
        ERR_clear_error();
        if (size < 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the key of a log is not an RSA key in DER");
        r = trust_key_read_der("the key of a log", der, (size_t)size, ret, err);
        OPENSSL_free(der);
        return r;
}

static bool is_supported(const char *details)
{
        static const char *const supported[] = {
                "PKCS1_RSA_PKCS1V5",
                "PKIX_RSA_PKCS1V5",
                "PKIX_RSA_PKCS1V15_2048_SHA256",
                "PKIX_RSA_PKCS1V15_3072_SHA256",
                "PKIX_RSA_PKCS1V15_4096_SHA256",
                "PKIX_ECDSA_P256_SHA_256",
                "PKIX_ECDSA_P384_SHA_384",
                "PKIX_ECDSA_P521_SHA_512",
                "PKIX_ED25519",
        };

        for (size_t i = 0; i < ARRAY_SIZE(supported); i++)
                if (streq(supported[i], details))
                        return true;
        return false;
}

/* Leaves *ret NULL if the algorithm is not supported, so that a root with a log of a newer kind can
 * be used for the other logs. */
static int read_log_key(const LogKey *from, TrustKey **ret, Error *err)
{
        if (!is_supported(from->details))
                return 0;
        if (strncmp(from->details, "PKCS1_", strlen("PKCS1_")) == 0)
                return read_pkcs1(from->raw, ret, err);
        return trust_key_read_der("the key of a log", from->raw.data, from->raw.size, ret, err);
}

static int take_logs(const ProtoList *from, Arena *arena, TrustedLogs *ret, Error *err)
{
        const LogFields *fields = from->items;

        ret->items = arena_alloc_array(arena, from->n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < from->n; i++) {
                TrustedLog *item = &ret->items[i];
                int r;

                item->host = host_of(fields[i].base_url, arena);
                if (!item->host)
                        return error_oom(err);
                item->id = fields[i].id.bytes;
                item->checkpoint_id = fields[i].checkpoint_id.bytes;
                take_period(&fields[i].key.period, &item->from, &item->until);
                r = read_log_key(&fields[i].key, &item->key, err);
                if (r < 0)
                        return error_prefix(err, r, "log '%s'", item->host);
                ret->n++;
        }
        return 0;
}

const TrustedLog *trusted_log_find(const TrustedLogs *logs, Bytes wanted, usec_t when)
{
        for (size_t i = 0; i < logs->n; i++) {
                const TrustedLog *item = &logs->items[i];

                if ((bytes_equal(item->id, wanted) || bytes_equal(item->checkpoint_id, wanted)) &&
                    when >= item->from && when <= item->until)
                        return item;
        }
        return NULL;
}

bool trusted_log_is_known(const TrustedLogs *logs, Bytes wanted)
{
        for (size_t i = 0; i < logs->n; i++)
                if (bytes_equal(logs->items[i].id, wanted) ||
                    bytes_equal(logs->items[i].checkpoint_id, wanted))
                        return true;
        return false;
}

/* --- authorities ------------------------------------------------------------------------------ */

static int read_chain(const ProtoList *from, STACK_OF(X509) * ret, Error *err)
{
        const ProtoBytes *items = from->items;

        for (size_t i = 0; i < from->n; i++) {
                X509 *item = NULL;
                int r = certificate_read("a certificate of an authority", items[i].bytes, &item,
                                         err);

                if (r < 0)
                        return r;
                if (!sk_X509_push(ret, item)) {
                        X509_free(item);
                        return error_oom(err);
                }
        }
        return 0;
}

static int take_authorities(const ProtoList *from, Arena *arena, Authorities *ret, Error *err)
{
        const AuthorityFields *fields = from->items;

        ret->items = arena_alloc_array(arena, from->n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < from->n; i++) {
                Authority *item = &ret->items[i];
                int r;

                if (fields[i].chain.list.n == 0)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "an authority of the trusted root has no certificate");
                item->chain = sk_X509_new_null();
                if (!item->chain)
                        return error_oom(err);
                ret->n++;
                take_period(&fields[i].period, &item->from, &item->until);
                r = read_chain(&fields[i].chain.list, item->chain, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- the file --------------------------------------------------------------------------------- */

static int take_root(const RootFields *from, TrustedRoot *ret, Error *err)
{
        static const char *const known[] = {
                "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "application/vnd.dev.sigstore.trustedroot.v0.1+json",
                "application/vnd.dev.sigstore.trustedroot.v0.2+json",
        };
        bool is_known = false;
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                is_known = is_known || streq(known[i], from->media_type);
        if (!is_known)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the media type of the trusted root is not one of version 0.1 or "
                                 "0.2");
        r = take_logs(&from->entry_logs, &ret->arena, &ret->entry_logs, err);
        if (r >= 0)
                r = take_logs(&from->certificate_logs, &ret->arena, &ret->certificate_logs, err);
        if (r >= 0)
                r = take_authorities(&from->signers, &ret->arena, &ret->signers, err);
        if (r >= 0)
                r = take_authorities(&from->timestampers, &ret->arena, &ret->timestampers, err);
        return r;
}

int trusted_root_read(const char *text, size_t size, TrustedRoot **ret, Error *err)
{
        _cleanup_(trusted_root_freep) TrustedRoot *root = calloc(1, sizeof(*root));
        RootFields fields = { 0 };
        int r;

        if (!root)
                return error_oom(err);
        arena_init(&root->arena, ROOT_ARENA_MAX);
        if (size > TRUSTED_ROOT_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG,
                                 "the trusted root has more than %d bytes", TRUSTED_ROOT_MAX);
        r = proto_read(text, size, &root_message, &root->arena, &fields, err);
        if (r >= 0)
                r = take_root(&fields, root, err);
        if (r >= 0)
                *ret = TAKE(root);
        return r;
}

static void free_logs(const TrustedLogs *logs)
{
        for (size_t i = 0; i < logs->n; i++)
                trust_key_free(logs->items[i].key);
}

static void free_authorities(const Authorities *authorities)
{
        for (size_t i = 0; i < authorities->n; i++)
                sk_X509_pop_free(authorities->items[i].chain, X509_free);
}

TrustedRoot *trusted_root_free(TrustedRoot *root)
{
        if (!root)
                return NULL;
        free_logs(&root->entry_logs);
        free_logs(&root->certificate_logs);
        free_authorities(&root->signers);
        free_authorities(&root->timestampers);
        arena_done(&root->arena);
        free(root);
        return NULL;
}
