#include "trust/annotations.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/limits-trust.h"
#include "trust/certificate.h"

static int refuse(const char *name, const char *why, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "annotation %s %s", name, why);
}

static int check_size(const char *name, const char *text, Error *err)
{
        if (!text || strlen(text) <= ANNOTATION_MAX)
                return 0;
        return error_set(err, ERROR_INVALID, -EFBIG, "annotation %s has more than %d bytes", name,
                         ANNOTATION_MAX);
}

/* --- certificates ----------------------------------------------------------------------------- */

static void free_bio(BIO **bio)
{
        BIO_free_all(*bio);
}

/* Returns 1 if the certificate of a chain is that of a root, 0 if not, or an error. */
static int is_root(Bytes der, Error *err)
{
        X509 *certificate = NULL;
        int r = certificate_read("annotation " COSIGN_CHAIN_ANNOTATION, der, &certificate, err);

        if (r >= 0)
                r = X509_self_signed(certificate, 0) == 1;
        X509_free(certificate);
        return r;
}

/* Reads the next certificate. Returns 1, 0 at the end of the text, or an error. */
static int next_certificate(BIO *bio, const char *name, Arena *arena, Bytes *ret, Error *err)
{
        unsigned char *der = NULL;
        char *header = NULL;
        long size = 0;
        bool is_end;

        if (PEM_bytes_read_bio(&der, &size, &header, PEM_STRING_X509, bio, NULL, NULL) == 1) {
                *ret = (Bytes){ arena_memdup(arena, der, (size_t)size), (size_t)size };
                OPENSSL_free(der);
                OPENSSL_free(header);
                return ret->data ? 1 : error_oom(err);
        }
        is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        ERR_clear_error();
        return is_end ? 0 : refuse(name, "is not PEM", err);
}

/* Appends the certificates of a text to the chain. */
static int read_certificates(const char *name, const char *text, Arena *arena, Bytes *chain,
                             size_t *n, Error *err)
{
        _cleanup_(free_bio) BIO *bio = BIO_new_mem_buf(text, (int)strlen(text));
        const size_t n_before = *n;
        Bytes der = { 0 };
        int r;

        if (!bio)
                return error_oom(err);
        while ((r = next_certificate(bio, name, arena, &der, err)) > 0) {
                if (n_before > 0)
                        r = is_root(der, err);
                if (r < 0)
                        return r;
                if (n_before > 0 && r > 0)
                        continue;
                if (*n == CHAIN_MAX)
                        return refuse(name, "has too many certificates", err);
                chain[(*n)++] = der;
        }
        return r;
}

static int read_chain(const CosignAnnotations *from, Arena *arena, Bundle *ret, Error *err)
{
        Bytes *chain;
        size_t n = 0;
        int r;

        ret->has_key = !from->certificate;
        if (ret->has_key)
                return from->chain ? refuse(COSIGN_CHAIN_ANNOTATION,
                                            "needs " COSIGN_CERTIFICATE_ANNOTATION, err)
                                   : 0;
        chain = arena_alloc_array(arena, CHAIN_MAX, sizeof(*chain));
        if (!chain)
                return error_oom(err);
        r = read_certificates(COSIGN_CERTIFICATE_ANNOTATION, from->certificate, arena, chain, &n,
                              err);
        if (r >= 0 && n != 1)
                r = refuse(COSIGN_CERTIFICATE_ANNOTATION, "has not exactly one certificate", err);
        if (r >= 0 && from->chain)
                r = read_certificates(COSIGN_CHAIN_ANNOTATION, from->chain, arena, chain, &n, err);
        ret->chain = chain;
        ret->n_chain = n;
        return r;
}

/* --- the log entry and the time stamp --------------------------------------------------------- */

typedef struct Payload {
        bool is_present;
        Bytes body;
        uint64_t integrated_time, log_index;
        const char *log_id; /* hexadecimal digits */
} Payload;

typedef struct Promised {
        bool is_present;
        Bytes promise;
        Payload payload;
} Promised;

/* clang-format off */
static const ProtoField payload_fields[] = {
        BYTES_FIELD("body", Payload, body, true),
        NUMBER_FIELD("integratedTime", Payload, integrated_time),
        NUMBER_FIELD("logIndex", Payload, log_index),
        TEXT_FIELD("logID", Payload, log_id, true),
};
static const ProtoMessage payload = PROTO_MESSAGE_OF(Payload, "log entry", payload_fields);

static const ProtoField promised_fields[] = {
        BYTES_FIELD("SignedEntryTimestamp", Promised, promise, true),
        MESSAGE_FIELD("Payload", Promised, payload, &payload, true),
};
static const ProtoMessage promised = PROTO_MESSAGE_OF(Promised, "promised entry", promised_fields);

static const ProtoField stamp_fields[] = {
        BYTES_FIELD("SignedRFC3161Timestamp", ProtoBytes, bytes, true),
};
static const ProtoMessage stamp = PROTO_MESSAGE_OF(ProtoBytes, "time stamp", stamp_fields);
/* clang-format on */

static int hex_value(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_log_id(const char *hex, Arena *arena, Bytes *ret, Error *err)
{
        const size_t size = strlen(hex) / 2;
        unsigned char *id = arena_alloc_bytes(arena, size + 1);

        if (!id)
                return error_oom(err);
        for (size_t i = 0; i < size; i++) {
                const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

                if (high < 0 || low < 0)
                        return refuse(COSIGN_ENTRY_ANNOTATION, "has a logID that is not hex", err);
                id[i] = (unsigned char)(high << 4 | low);
        }
        id[size] = '\0';
        *ret = (Bytes){ id, size };
        return strlen(hex) == 2 * size
                       ? 0
                       : refuse(COSIGN_ENTRY_ANNOTATION, "has a logID that is not hex", err);
}

static int read_entry(const char *text, Arena *arena, Bundle *ret, Error *err)
{
        Promised from = { 0 };
        LogEntry *entry;
        int r;

        if (!text)
                return 0;
        r = proto_read(text, strlen(text), &promised, arena, &from, err);
        if (r < 0)
                return error_prefix(err, r, "annotation " COSIGN_ENTRY_ANNOTATION);
        entry = arena_alloc(arena, sizeof(*entry));
        if (!entry)
                return error_oom(err);
        *entry = (LogEntry){ .is_present = true,
                             .log_index = from.payload.log_index,
                             .log_id = { .is_present = true },
                             .integrated_time = from.payload.integrated_time,
                             .promise = { .is_present = true, .bytes = from.promise },
                             .body = from.payload.body };
        r = read_log_id(from.payload.log_id, arena, &entry->log_id.bytes, err);
        ret->entries = entry;
        ret->n_entries = 1;
        return r;
}

static int read_stamp(const char *text, Arena *arena, Bundle *ret, Error *err)
{
        ProtoBytes *read;
        int r;

        if (!text)
                return 0;
        read = arena_alloc(arena, sizeof(*read));
        if (!read)
                return error_oom(err);
        *read = (ProtoBytes){ 0 };
        r = proto_read(text, strlen(text), &stamp, arena, read, err);
        if (r < 0)
                return error_prefix(err, r, "annotation " COSIGN_STAMP_ANNOTATION);
        ret->timestamps = read;
        ret->n_timestamps = 1;
        return 0;
}

int annotations_read(const CosignAnnotations *from, Arena *arena, Bundle *ret, Error *err)
{
        Bundle result = { 0 };
        int r = check_size(COSIGN_CERTIFICATE_ANNOTATION, from->certificate, err);

        if (r >= 0)
                r = check_size(COSIGN_CHAIN_ANNOTATION, from->chain, err);
        if (r >= 0)
                r = check_size(COSIGN_ENTRY_ANNOTATION, from->entry, err);
        if (r >= 0)
                r = check_size(COSIGN_STAMP_ANNOTATION, from->stamp, err);
        if (r >= 0)
                r = read_chain(from, arena, &result, err);
        if (r >= 0)
                r = read_entry(from->entry, arena, &result, err);
        if (r >= 0)
                r = read_stamp(from->stamp, arena, &result, err);
        if (r >= 0)
                *ret = result;
        return r;
}
