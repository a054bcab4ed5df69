#include "trust/entry-body.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/limits-trust.h"
#include "registry/wire/json-span.h"
#include "trust/base64.h"
#include "trust/hash.h"
#include "trust/key.h"

#define BODY_ARENA_MAX ((size_t)4 * LOG_BODY_MAX)
#define KIND_SIZE      32

/* --- messages --------------------------------------------------------------------------------- */

typedef struct HexHash {
        bool is_present;
        const char *algorithm, *value;
} HexHash;

typedef struct RawHash {
        bool is_present;
        const char *algorithm;
        Bytes digest;
} RawHash;

typedef struct Data1 {
        bool is_present;
        HexHash hash;
} Data1;

typedef struct Signature1 {
        bool is_present;
        Bytes content;
        ProtoBytes key; /* PEM of a key or certificate */
} Signature1;

typedef struct EnvelopeSignature {
        bool is_present;
        Bytes signature;
        Bytes verifier; /* PEM of a key or certificate */
        const char *key_id;
} EnvelopeSignature;

typedef struct Envelope {
        bool is_present;
        Bytes payload;
        const char *payload_type;
        ProtoList signatures; /* of EnvelopeSignature */
} Envelope;

typedef struct Content {
        bool is_present;
        Envelope envelope;
        HexHash hash, payload_hash;
} Content;

typedef struct Verifier {
        bool is_present;
        const char *details;
        ProtoBytes certificate, key; /* in DER */
} Verifier;

typedef struct Signature2 {
        bool is_present;
        Bytes content;
        Verifier verifier;
} Signature2;

typedef struct Record2 {
        bool is_present;
        RawHash data;
        Signature2 signature;
} Record2;

typedef struct Dsse2 {
        bool is_present;
        RawHash payload_hash;
        ProtoList signatures; /* of Signature2 */
} Dsse2;

/* The members of all kinds; the table of a kind has those that it uses. */
typedef struct Spec {
        bool is_present;
        Data1 data;
        Signature1 signature;
        HexHash envelope_hash, payload_hash;
        ProtoList signatures; /* of EnvelopeSignature */
        Content content;
        Bytes key; /* PEM of a key or certificate */
        Record2 record;
        Dsse2 dsse;
} Spec;

typedef struct Body {
        bool is_present;
        const char *version, *kind;
        Spec spec;
} Body;

/* clang-format off */
static const ProtoField hex_hash_fields[] = {
        TEXT_FIELD("algorithm", HexHash, algorithm, true),
        TEXT_FIELD("value", HexHash, value, true),
};
static const ProtoMessage hex_hash = PROTO_MESSAGE_OF(HexHash, "log entry's hash", hex_hash_fields);

static const ProtoField raw_hash_fields[] = {
        TEXT_FIELD("algorithm", RawHash, algorithm, true),
        BYTES_FIELD("digest", RawHash, digest, true),
};
static const ProtoMessage raw_hash = PROTO_MESSAGE_OF(RawHash, "log entry's hash", raw_hash_fields);

static const ProtoField data1_fields[] = { MESSAGE_FIELD("hash", Data1, hash, &hex_hash, true) };
static const ProtoMessage data1 = PROTO_MESSAGE_OF(Data1, "log entry's data", data1_fields);

static const ProtoField content_key_fields[] = { BYTES_FIELD("content", ProtoBytes, bytes, true) };
static const ProtoMessage content_key = PROTO_MESSAGE_OF(ProtoBytes, "log entry's key", content_key_fields);

static const ProtoField signature1_fields[] = {
        BYTES_FIELD("content", Signature1, content, true),
        MESSAGE_FIELD("publicKey", Signature1, key, &content_key, true),
};
static const ProtoMessage signature1 = PROTO_MESSAGE_OF(Signature1, "log entry's signature", signature1_fields);

static const ProtoField dsse_signature_fields[] = {
        BYTES_FIELD("signature", EnvelopeSignature, signature, true),
        BYTES_FIELD("verifier", EnvelopeSignature, verifier, true),
};
static const ProtoMessage dsse_signature =
        PROTO_MESSAGE_OF(EnvelopeSignature, "log entry's signature", dsse_signature_fields);

static const ProtoField intoto_signature_fields[] = {
        BYTES_FIELD("sig", EnvelopeSignature, signature, true),
        BYTES_FIELD("publicKey", EnvelopeSignature, verifier, true),
        TEXT_FIELD("keyid", EnvelopeSignature, key_id, false),
};
static const ProtoMessage intoto_signature =
        PROTO_MESSAGE_OF(EnvelopeSignature, "log entry's signature", intoto_signature_fields);

static const ProtoField envelope_fields[] = {
        BYTES_FIELD("payload", Envelope, payload, false),
        TEXT_FIELD("payloadType", Envelope, payload_type, true),
        LIST_FIELD("signatures", Envelope, signatures, &intoto_signature, SIGNATURES_MAX),
};
static const ProtoMessage envelope = PROTO_MESSAGE_OF(Envelope, "log entry's envelope", envelope_fields);

static const ProtoField content_fields[] = {
        MESSAGE_FIELD("envelope", Content, envelope, &envelope, true),
        MESSAGE_FIELD("hash", Content, hash, &hex_hash, false),
        MESSAGE_FIELD("payloadHash", Content, payload_hash, &hex_hash, true),
};
static const ProtoMessage content = PROTO_MESSAGE_OF(Content, "log entry's content", content_fields);

static const ProtoField raw_bytes_fields[] = { BYTES_FIELD("rawBytes", ProtoBytes, bytes, true) };
static const ProtoMessage raw_bytes = PROTO_MESSAGE_OF(ProtoBytes, "log entry's key", raw_bytes_fields);

static const ProtoField verifier_fields[] = {
        TEXT_FIELD("keyDetails", Verifier, details, false),
        MESSAGE_FIELD("x509Certificate", Verifier, certificate, &raw_bytes, false),
        MESSAGE_FIELD("publicKey", Verifier, key, &raw_bytes, false),
};
static const ProtoMessage verifier = PROTO_MESSAGE_OF(Verifier, "log entry's verifier", verifier_fields);

static const ProtoField signature2_fields[] = {
        BYTES_FIELD("content", Signature2, content, true),
        MESSAGE_FIELD("verifier", Signature2, verifier, &verifier, true),
};
static const ProtoMessage signature2 = PROTO_MESSAGE_OF(Signature2, "log entry's signature", signature2_fields);

static const ProtoField record2_fields[] = {
        MESSAGE_FIELD("data", Record2, data, &raw_hash, true),
        MESSAGE_FIELD("signature", Record2, signature, &signature2, true),
};
static const ProtoMessage record2 = PROTO_MESSAGE_OF(Record2, "log entry's record", record2_fields);

static const ProtoField dsse2_fields[] = {
        MESSAGE_FIELD("payloadHash", Dsse2, payload_hash, &raw_hash, true),
        LIST_FIELD("signatures", Dsse2, signatures, &signature2, SIGNATURES_MAX),
};
static const ProtoMessage dsse2 = PROTO_MESSAGE_OF(Dsse2, "log entry's envelope", dsse2_fields);

/* the specs of the kinds */
static const ProtoField record1_spec_fields[] = {
        MESSAGE_FIELD("data", Spec, data, &data1, true),
        MESSAGE_FIELD("signature", Spec, signature, &signature1, true),
};
static const ProtoField dsse1_spec_fields[] = {
        MESSAGE_FIELD("envelopeHash", Spec, envelope_hash, &hex_hash, false),
        MESSAGE_FIELD("payloadHash", Spec, payload_hash, &hex_hash, true),
        LIST_FIELD("signatures", Spec, signatures, &dsse_signature, SIGNATURES_MAX),
};
static const ProtoField intoto1_content_fields[] = {
        MESSAGE_FIELD("hash", Content, hash, &hex_hash, true),
        MESSAGE_FIELD("payloadHash", Content, payload_hash, &hex_hash, true),
};
static const ProtoMessage intoto1_content =
        PROTO_MESSAGE_OF(Content, "log entry's content", intoto1_content_fields);
static const ProtoField intoto1_spec_fields[] = {
        MESSAGE_FIELD("content", Spec, content, &intoto1_content, true),
        BYTES_FIELD("publicKey", Spec, key, true),
};
static const ProtoField intoto_spec_fields[] = { MESSAGE_FIELD("content", Spec, content, &content, true) };
static const ProtoField record2_spec_fields[] = {
        MESSAGE_FIELD("hashedRekordV002", Spec, record, &record2, true),
};
static const ProtoField dsse2_spec_fields[] = { MESSAGE_FIELD("dsseV002", Spec, dsse, &dsse2, true) };
static const ProtoMessage specs[] = {
        PROTO_MESSAGE_OF(Spec, "log entry's spec", record1_spec_fields),
        PROTO_MESSAGE_OF(Spec, "log entry's spec", dsse1_spec_fields),
        PROTO_MESSAGE_OF(Spec, "log entry's spec", intoto_spec_fields),
        PROTO_MESSAGE_OF(Spec, "log entry's spec", record2_spec_fields),
        PROTO_MESSAGE_OF(Spec, "log entry's spec", dsse2_spec_fields),
        PROTO_MESSAGE_OF(Spec, "log entry's spec", intoto1_spec_fields),
};
/* clang-format on */

/* --- comparisons ------------------------------------------------------------------------------ */

static int refuse(const char *what, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "the log entry is about another %s", what);
}

static void free_bio(BIO **bio)
{
        BIO_free_all(*bio);
}

static int compare_signature(Bytes found, const EntrySubject *subject, Error *err)
{
        return bytes_equal(found, subject->signature) ? 0 : refuse("signature", err);
}

static int compare_certificate(Bytes der, const EntrySubject *subject, Error *err)
{
        return bytes_equal(der, subject->certificate) ? 0 : refuse("certificate", err);
}

static int compare_pem_certificate(Bytes pem, const EntrySubject *subject, Error *err)
{
        _cleanup_(free_bio) BIO *bio =
                pem.size <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
        unsigned char *der = NULL;
        char *name = NULL;
        long size = 0;
        int r;

        if (!bio)
                return error_oom(err);
        if (PEM_bytes_read_bio(&der, &size, &name, PEM_STRING_X509, bio, NULL, NULL) != 1) {
                ERR_clear_error();
                return refuse("certificate", err);
        }
        r = compare_certificate((Bytes){ der, (size_t)size }, subject, err);
        OPENSSL_free(der);
        OPENSSL_free(name);
        return r;
}

static int compare_pem(Bytes pem, const EntrySubject *subject, Error *err)
{
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        int r;

        if (subject->certificate.size > 0)
                return compare_pem_certificate(pem, subject, err);
        r = trust_keys_read(&keys, "the key of the log entry", (const char *)pem.data, pem.size,
                            err);
        if (r < 0)
                return r;
        return keys.n == 1 && streq(trust_key_id(keys.items[0]), subject->key_id)
                       ? 0
                       : refuse("key", err);
}

static int compare_verifier(const Verifier *from, const EntrySubject *subject, Error *err)
{
        _cleanup_(trust_key_freep) TrustKey *key = NULL;
        int r;

        if (subject->certificate.size > 0)
                return compare_certificate(from->certificate.bytes, subject, err);
        if (!from->key.is_present)
                return refuse("key", err);
        r = trust_key_read_der("the key of the log entry", from->key.bytes.data,
                               from->key.bytes.size, &key, err);
        if (r < 0)
                return r;
        return streq(trust_key_id(key), subject->key_id) ? 0 : refuse("key", err);
}

static int compare_hex(const HexHash *from, Bytes data, Error *err)
{
        Hash hash;
        int r = hash_compute(from->algorithm, data, &hash, err);

        if (r < 0)
                return r;
        return hash_equals_hex(&hash, from->value) ? 0 : refuse("artifact or statement", err);
}

static int compare_raw(const RawHash *from, Bytes data, Error *err)
{
        Hash hash;
        int r = hash_compute(from->algorithm, data, &hash, err);

        if (r < 0)
                return r;
        return hash_equals(&hash, from->digest) ? 0 : refuse("artifact or statement", err);
}

/* --- kinds ------------------------------------------------------------------------------------ */

static int check_record1(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        int r = compare_hex(&spec->data.hash, subject->data, err);

        (void)arena;
        if (r >= 0)
                r = compare_signature(spec->signature.content, subject, err);
        return r < 0 ? r : compare_pem(spec->signature.key.bytes, subject, err);
}

static int check_dsse1(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        const EnvelopeSignature *first = spec->signatures.items;
        int r;

        (void)arena;
        if (spec->signatures.n != 1)
                return refuse("number of signatures", err);
        r = compare_hex(&spec->payload_hash, subject->payload, err);
        if (r >= 0)
                r = compare_signature(first->signature, subject, err);
        return r < 0 ? r : compare_pem(first->verifier, subject, err);
}

/* Entries of this kind have the base64 of the base64 of the signature. */
static int check_intoto(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        const ProtoList *signatures = &spec->content.envelope.signatures;
        const EnvelopeSignature *first = signatures->items;
        unsigned char *data;
        size_t size;
        int r;

        if (signatures->n != 1)
                return refuse("number of signatures", err);
        r = base64_decode((const char *)first->signature.data, first->signature.size, arena, &data,
                          &size);
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return refuse("signature", err);
        r = compare_signature((Bytes){ data, size }, subject, err);
        if (r >= 0)
                r = compare_hex(&spec->content.payload_hash, subject->payload, err);
        return r < 0 ? r : compare_pem(first->verifier, subject, err);
}

/* Entries of this kind have no signature, but the hash of the envelope, which has it. */
static int check_intoto1(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        int r;

        (void)arena;
        if (subject->envelope.size == 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "relman supports log entries of the kind intoto 0.0.1 only of "
                                 "envelopes outside of bundles");
        r = compare_hex(&spec->content.hash, subject->envelope, err);
        if (r >= 0)
                r = compare_hex(&spec->content.payload_hash, subject->payload, err);
        return r < 0 ? r : compare_pem(spec->key, subject, err);
}

static int check_record2(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        int r = compare_raw(&spec->record.data, subject->data, err);

        (void)arena;
        if (r >= 0)
                r = compare_signature(spec->record.signature.content, subject, err);
        return r < 0 ? r : compare_verifier(&spec->record.signature.verifier, subject, err);
}

static int check_dsse2(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err)
{
        const Signature2 *first = spec->dsse.signatures.items;
        int r;

        (void)arena;
        if (spec->dsse.signatures.n != 1)
                return refuse("number of signatures", err);
        r = compare_raw(&spec->dsse.payload_hash, subject->payload, err);
        if (r >= 0)
                r = compare_signature(first->content, subject, err);
        return r < 0 ? r : compare_verifier(&first->verifier, subject, err);
}

typedef struct Kind {
        const char *kind, *version;
        bool needs_envelope;
        const ProtoMessage *spec;
        int (*check)(const Spec *spec, Arena *arena, const EntrySubject *subject, Error *err);
} Kind;

static const Kind kinds[] = {
        { "hashedrekord", "0.0.1", false, &specs[0], check_record1 },
        { "dsse", "0.0.1", true, &specs[1], check_dsse1 },
        { "intoto", "0.0.2", true, &specs[2], check_intoto },
        { "hashedrekord", "0.0.2", false, &specs[3], check_record2 },
        { "dsse", "0.0.2", true, &specs[4], check_dsse2 },
        { "intoto", "0.0.1", true, &specs[5], check_intoto1 },
};

static int verify_kind(const Kind *kind, const LogEntry *entry, const EntrySubject *subject,
                       Error *err)
{
        const ProtoField fields[] = {
                TEXT_FIELD("apiVersion", Body, version, true),
                TEXT_FIELD("kind", Body, kind, true),
                MESSAGE_FIELD("spec", Body, spec, kind->spec, true),
        };
        const ProtoMessage message = PROTO_MESSAGE_OF(Body, "log entry's body", fields);
        _cleanup_(arena_done) Arena arena;
        Body body = { 0 };
        int r;

        arena_init(&arena, BODY_ARENA_MAX);
        r = proto_read((const char *)entry->body.data, entry->body.size, &message, &arena, &body,
                       err);
        if (r < 0)
                return r;
        if (!streq(body.kind, kind->kind) || !streq(body.version, kind->version))
                return refuse("kind or version than its body", err);
        if (kind->needs_envelope && subject->payload.size == 0)
                return refuse("kind of signature", err);
        return kind->check(&body.spec, &arena, subject, err);
}

/* Sets *ret to the kind that the body names, for entries that do not name it. */
static int read_kind(Bytes text, char kind[KIND_SIZE], char version[KIND_SIZE], EntryKind *ret,
                     Error *err)
{
        static const char *const none[] = { NULL };
        const JsonKeys keys = { .names = none, .complete = true, .exact = true };
        JsonSpan json;
        int r = json_span_read((const char *)text.data, text.size, &keys, &json, err);

        if (r < 0)
                return r;
        /* an unknown kind does not fit, or equals none of the list */
        (void)json_span_text(json_span_member(json, "kind"), kind, KIND_SIZE);
        (void)json_span_text(json_span_member(json, "apiVersion"), version, KIND_SIZE);
        *ret = (EntryKind){ true, kind, version };
        return 0;
}

int entry_body_verify(const LogEntry *entry, const EntrySubject *subject, Error *err)
{
        char kind[KIND_SIZE], version[KIND_SIZE];
        EntryKind named = entry->kind;

        if (!named.is_present) {
                int r = read_kind(entry->body, kind, version, &named, err);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (streq(kinds[i].kind, named.kind) && streq(kinds[i].version, named.version))
                        return verify_kind(&kinds[i], entry, subject, err);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "relman does not support the kind of the log entry");
}
