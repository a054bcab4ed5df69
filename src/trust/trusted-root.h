#pragma once

/* trusted_root.json of Sigstore: the authorities and logs that are trusted
 * (https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto). The file is pinned by the
 * user; nothing fetches it. */

#include "trust/certificate.h"

/* A transparency log: Rekor's, or one of certificates. */
typedef struct TrustedLog {
        const char *host; /* of its address, with the port */
        Bytes id;
        Bytes checkpoint_id; /* size 0: none */
        TrustKey *key;       /* owned; NULL: relman does not support its algorithm */
        usec_t from, until;  /* wall: when the key may be used, both inclusive */
} TrustedLog;

typedef struct TrustedLogs {
        TrustedLog *items;
        size_t n;
} TrustedLogs;

typedef struct TrustedRoot {
        TrustedLogs entry_logs;       /* Rekor */
        TrustedLogs certificate_logs; /* certificate transparency */
        Authorities signers;          /* Fulcio */
        Authorities timestampers;
        Arena arena;
} TrustedRoot;

/* Reads the file. ERROR_INVALID: the text is not a trusted root, or has an unknown field. */
int trusted_root_read(const char *text, size_t size, TrustedRoot **ret, Error *err);
TrustedRoot *trusted_root_free(TrustedRoot *root);
DEFINE_FREEP(TrustedRoot, trusted_root_free)

/* Returns the log with this id; NULL if there is none. Logs with one id differ in their times. */
const TrustedLog *trusted_log_find(const TrustedLogs *logs, Bytes id, usec_t when);
/* True if a log has this id, at any time. */
bool trusted_log_is_known(const TrustedLogs *logs, Bytes id);
