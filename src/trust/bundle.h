#pragma once

/* Sigstore bundles: a signature with all that is necessary to verify it offline
 * (https://github.com/sigstore/protobuf-specs, sigstore_bundle.proto). Reads the versions 0.1 to
 * 0.3 in JSON, and verifies nothing. */

#include "trust/dsse.h"
#include "trust/proto-json.h"

typedef struct Checkpoint {
        bool is_present;
        const char *envelope; /* a signed note */
} Checkpoint;

/* Proof that a log has an entry. */
typedef struct InclusionProof {
        bool is_present;
        uint64_t log_index;
        uint64_t tree_size;
        Bytes root_hash;
        ProtoList hashes; /* of Bytes */
        Checkpoint checkpoint;
} InclusionProof;

typedef struct EntryKind {
        bool is_present;
        const char *kind;
        const char *version;
} EntryKind;

/* An entry of a transparency log. */
typedef struct LogEntry {
        bool is_present;
        uint64_t log_index;
        ProtoBytes log_id;
        EntryKind kind;
        uint64_t integrated_time; /* seconds since 1970; only signed by promise */
        ProtoBytes promise;       /* the signed entry timestamp */
        InclusionProof proof;
        Bytes body;
} LogEntry;

typedef struct MessageDigest {
        bool is_present;
        const char *algorithm;
        Bytes digest;
} MessageDigest;

/* A signature over the artifact itself. */
typedef struct MessageSignature {
        bool is_present;
        MessageDigest digest; /* not authenticated */
        Bytes signature;
} MessageSignature;

typedef struct Bundle {
        unsigned version;   /* the minor version: 1 to 3 */
        bool has_key;       /* signed by a key, which is not in the bundle */
        const Bytes *chain; /* certificates in DER; the first one signs */
        size_t n_chain;     /* 0 if has_key */
        const LogEntry *entries;
        size_t n_entries;
        const ProtoBytes *timestamps; /* RFC 3161, in DER */
        size_t n_timestamps;
        MessageSignature message; /* either this, */
        DsseEnvelope envelope;    /* or this with n_signatures == 1 */
        Bytes signature;          /* of either */
} Bundle;

/* Reads a bundle in JSON. Values of *ret are allocated from the arena. ERROR_INVALID: the text is
 * not a bundle of a supported version. ERROR_HOSTILE: a key is repeated. */
int bundle_read(const char *text, size_t size, Arena *arena, Bundle *ret, Error *err);
