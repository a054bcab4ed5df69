#include "trust/bundle.h"

#include <errno.h>

#include "base/limits-trust.h"

#define HASHES_MAX 64 /* a tree of 2^64 entries has as many levels */

/* --- messages --------------------------------------------------------------------------------- */

typedef struct Signature {
        bool is_present;
        Bytes sig;
        const char *key_id;
} Signature;

typedef struct Envelope {
        bool is_present;
        Bytes payload;
        const char *payload_type;
        ProtoList signatures;
} Envelope;

typedef struct Certificates {
        bool is_present;
        ProtoList list; /* of ProtoBytes */
} Certificates;

typedef struct PublicKey {
        bool is_present;
        const char *hint;
} PublicKey;

typedef struct Timestamps {
        bool is_present;
        ProtoList list; /* of ProtoBytes */
} Timestamps;

typedef struct Material {
        bool is_present;
        PublicKey key;
        Certificates chain;
        ProtoBytes certificate;
        ProtoList entries;
        Timestamps timestamps;
} Material;

typedef struct Raw {
        bool is_present;
        const char *media_type;
        Material material;
        MessageSignature message;
        Envelope envelope;
} Raw;

/* clang-format off */
static const ProtoField log_id_fields[] = { BYTES_FIELD("keyId", ProtoBytes, bytes, true) };
static const ProtoMessage log_id = PROTO_MESSAGE_OF(ProtoBytes, "log id", log_id_fields);

static const ProtoField kind_fields[] = {
        TEXT_FIELD("kind", EntryKind, kind, true),
        TEXT_FIELD("version", EntryKind, version, true),
};
static const ProtoMessage kind = PROTO_MESSAGE_OF(EntryKind, "log entry's kind", kind_fields);

static const ProtoField promise_fields[] = { BYTES_FIELD("signedEntryTimestamp", ProtoBytes, bytes, true) };
static const ProtoMessage promise = PROTO_MESSAGE_OF(ProtoBytes, "inclusion promise", promise_fields);

static const ProtoField checkpoint_fields[] = {
        TEXT_FIELD("envelope", Checkpoint, envelope, true),
};
static const ProtoMessage checkpoint = PROTO_MESSAGE_OF(Checkpoint, "checkpoint", checkpoint_fields);

static const ProtoField proof_fields[] = {
        NUMBER_FIELD("logIndex", InclusionProof, log_index),
        NUMBER_FIELD("treeSize", InclusionProof, tree_size),
        BYTES_FIELD("rootHash", InclusionProof, root_hash, true),
        LIST_FIELD("hashes", InclusionProof, hashes, NULL, HASHES_MAX),
        MESSAGE_FIELD("checkpoint", InclusionProof, checkpoint, &checkpoint, false),
};
static const ProtoMessage proof = PROTO_MESSAGE_OF(InclusionProof, "inclusion proof", proof_fields);

static const ProtoField entry_fields[] = {
        NUMBER_FIELD("logIndex", LogEntry, log_index),
        MESSAGE_FIELD("logId", LogEntry, log_id, &log_id, true),
        MESSAGE_FIELD("kindVersion", LogEntry, kind, &kind, true),
        NUMBER_FIELD("integratedTime", LogEntry, integrated_time),
        MESSAGE_FIELD("inclusionPromise", LogEntry, promise, &promise, false),
        MESSAGE_FIELD("inclusionProof", LogEntry, proof, &proof, false),
        BYTES_FIELD("canonicalizedBody", LogEntry, body, true),
};
static const ProtoMessage entry = PROTO_MESSAGE_OF(LogEntry, "log entry", entry_fields);

static const ProtoField certificate_fields[] = { BYTES_FIELD("rawBytes", ProtoBytes, bytes, true) };
static const ProtoMessage certificate = PROTO_MESSAGE_OF(ProtoBytes, "certificate", certificate_fields);

static const ProtoField chain_fields[] = {
        LIST_FIELD("certificates", Certificates, list, &certificate, CHAIN_MAX),
};
static const ProtoMessage chain = PROTO_MESSAGE_OF(Certificates, "certificate chain", chain_fields);

static const ProtoField key_fields[] = { TEXT_FIELD("hint", PublicKey, hint, false) };
static const ProtoMessage key = PROTO_MESSAGE_OF(PublicKey, "public key", key_fields);

static const ProtoField timestamp_fields[] = { BYTES_FIELD("signedTimestamp", ProtoBytes, bytes, true) };
static const ProtoMessage timestamp = PROTO_MESSAGE_OF(ProtoBytes, "time stamp", timestamp_fields);

static const ProtoField timestamps_fields[] = {
        LIST_FIELD("rfc3161Timestamps", Timestamps, list, &timestamp, TIMESTAMPS_MAX),
};
static const ProtoMessage timestamps = PROTO_MESSAGE_OF(Timestamps, "time stamps", timestamps_fields);

static const ProtoField material_fields[] = {
        MESSAGE_FIELD("publicKey", Material, key, &key, false),
        MESSAGE_FIELD("x509CertificateChain", Material, chain, &chain, false),
        MESSAGE_FIELD("certificate", Material, certificate, &certificate, false),
        LIST_FIELD("tlogEntries", Material, entries, &entry, LOG_ENTRIES_MAX),
        MESSAGE_FIELD("timestampVerificationData", Material, timestamps, &timestamps, false),
};
static const ProtoMessage material = PROTO_MESSAGE_OF(Material, "verification material", material_fields);

static const ProtoField digest_fields[] = {
        TEXT_FIELD("algorithm", MessageDigest, algorithm, true),
        BYTES_FIELD("digest", MessageDigest, digest, true),
};
static const ProtoMessage digest = PROTO_MESSAGE_OF(MessageDigest, "message digest", digest_fields);

static const ProtoField message_fields[] = {
        MESSAGE_FIELD("messageDigest", MessageSignature, digest, &digest, false),
        BYTES_FIELD("signature", MessageSignature, signature, true),
};
static const ProtoMessage message = PROTO_MESSAGE_OF(MessageSignature, "message signature", message_fields);

static const ProtoField signature_fields[] = {
        BYTES_FIELD("sig", Signature, sig, true),
        TEXT_FIELD("keyid", Signature, key_id, false),
};
static const ProtoMessage signature = PROTO_MESSAGE_OF(Signature, "envelope's signature", signature_fields);

static const ProtoField envelope_fields[] = {
        BYTES_FIELD("payload", Envelope, payload, true),
        TEXT_FIELD("payloadType", Envelope, payload_type, true),
        LIST_FIELD("signatures", Envelope, signatures, &signature, SIGNATURES_MAX),
};
static const ProtoMessage envelope = PROTO_MESSAGE_OF(Envelope, "envelope", envelope_fields);

static const ProtoField bundle_fields[] = {
        TEXT_FIELD("mediaType", Raw, media_type, true),
        MESSAGE_FIELD("verificationMaterial", Raw, material, &material, true),
        MESSAGE_FIELD("messageSignature", Raw, message, &message, false),
        MESSAGE_FIELD("dsseEnvelope", Raw, envelope, &envelope, false),
};
static const ProtoMessage bundle = PROTO_MESSAGE_OF(Raw, "bundle", bundle_fields);
/* clang-format on */

/* --- rules of the versions -------------------------------------------------------------------- */

static int refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "%s", why);
}

/* Returns the minor version of a media type; 0 if it is not known. */
static unsigned version_of(const char *media_type)
{
        static const struct {
                const char *media_type;
                unsigned version;
        } versions[] = {
                { "application/vnd.dev.sigstore.bundle+json;version=0.1", 1 },
                { "application/vnd.dev.sigstore.bundle+json;version=0.2", 2 },
                { "application/vnd.dev.sigstore.bundle+json;version=0.3", 3 },
                { "application/vnd.dev.sigstore.bundle.v0.3+json", 3 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
                if (streq(versions[i].media_type, media_type))
                        return versions[i].version;
        return 0;
}

static int take_certificates(const Material *from, Arena *arena, Bundle *ret, Error *err)
{
        const ProtoBytes *items =
                from->chain.is_present ? from->chain.list.items : &from->certificate;
        const size_t n = from->chain.is_present         ? from->chain.list.n
                         : from->certificate.is_present ? 1
                                                        : 0;
        Bytes *list = arena_alloc_array(arena, n, sizeof(*list));

        if (!list)
                return error_oom(err);
        for (size_t i = 0; i < n; i++)
                list[i] = items[i].bytes;
        ret->chain = list;
        ret->n_chain = n;
        return 0;
}

static int take_signer(const Material *from, Arena *arena, Bundle *ret, Error *err)
{
        if (from->key.is_present + from->chain.is_present + from->certificate.is_present != 1)
                return refuse("the bundle must have one of publicKey, certificate and "
                              "x509CertificateChain",
                              err);
        if (from->chain.is_present && ret->version >= 3)
                return refuse("a bundle of version 0.3 must not have x509CertificateChain", err);
        if (from->certificate.is_present && ret->version < 3)
                return refuse("a bundle before version 0.3 must not have a single certificate",
                              err);
        if (from->chain.is_present && from->chain.list.n == 0)
                return refuse("the certificate chain of the bundle is empty", err);
        ret->has_key = from->key.is_present;
        return take_certificates(from, arena, ret, err);
}

static int check_entry(const LogEntry *item, unsigned version, Error *err)
{
        if (version == 1 && !item->promise.is_present)
                return refuse("a log entry of a bundle of version 0.1 has no inclusion promise",
                              err);
        if (version > 1 && !(item->proof.is_present && item->proof.checkpoint.is_present))
                return refuse("a log entry has no inclusion proof with a checkpoint", err);
        return 0;
}

static int take_envelope(const Envelope *from, Arena *arena, Bundle *ret, Error *err)
{
        const Signature *first = from->signatures.items;
        DsseSignature *only;

        if (from->signatures.n != 1)
                return refuse("the envelope of a bundle must have one signature", err);
        only = arena_alloc(arena, sizeof(*only));
        if (!only)
                return error_oom(err);
        *only = (DsseSignature){ .key_id = first->key_id ? first->key_id : "",
                                 .data = first->sig.data,
                                 .size = first->sig.size };
        ret->envelope = (DsseEnvelope){ .payload_type = from->payload_type,
                                        .payload = (const char *)from->payload.data,
                                        .payload_size = from->payload.size,
                                        .signatures = only,
                                        .n_signatures = 1 };
        ret->signature = first->sig;
        return 0;
}

static int take_content(const Raw *from, Arena *arena, Bundle *ret, Error *err)
{
        if (from->message.is_present == from->envelope.is_present)
                return refuse("the bundle must have one of messageSignature and dsseEnvelope", err);
        ret->message = from->message;
        ret->signature = from->message.signature;
        return from->envelope.is_present ? take_envelope(&from->envelope, arena, ret, err) : 0;
}

/* Refuses an entry or a time stamp that occurs twice: it would look like two proofs. */
static int check_repeats(const Bundle *from, Error *err)
{
        for (size_t i = 0; i < from->n_entries; i++)
                for (size_t j = 0; j < i; j++)
                        if (bytes_equal(from->entries[i].body, from->entries[j].body) &&
                            bytes_equal(from->entries[i].log_id.bytes,
                                        from->entries[j].log_id.bytes))
                                return refuse("the bundle has a log entry twice", err);
        for (size_t i = 0; i < from->n_timestamps; i++)
                for (size_t j = 0; j < i; j++)
                        if (bytes_equal(from->timestamps[i].bytes, from->timestamps[j].bytes))
                                return refuse("the bundle has a time stamp twice", err);
        return 0;
}

int bundle_read(const char *text, size_t size, Arena *arena, Bundle *ret, Error *err)
{
        Raw raw = { 0 };
        Bundle result = { 0 };
        int r;

        if (size > BUNDLE_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG, "the bundle has more than %d bytes",
                                 BUNDLE_MAX);
        r = proto_read(text, size, &bundle, arena, &raw, err);
        if (r < 0)
                return r;
        result.version = version_of(raw.media_type);
        if (result.version == 0)
                return refuse("the media type of the bundle is not one of version 0.1, 0.2 or 0.3",
                              err);
        result.entries = raw.material.entries.items;
        result.n_entries = raw.material.entries.n;
        result.timestamps = raw.material.timestamps.list.items;
        result.n_timestamps = raw.material.timestamps.list.n;
        r = take_signer(&raw.material, arena, &result, err);
        for (size_t i = 0; i < result.n_entries && r >= 0; i++)
                r = check_entry(&result.entries[i], result.version, err);
        if (r >= 0)
                r = check_repeats(&result, err);
        if (r >= 0)
                r = take_content(&raw, arena, &result, err);
        if (r >= 0)
                *ret = result;
        return r;
}
