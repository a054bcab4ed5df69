#pragma once

/* The body of a log entry: which signature, by which key or certificate, over which data. Reads the
 * kinds hashedrekord, dsse and intoto (0.0.1 and 0.0.2 of each) of Rekor. */

#include "trust/bundle.h"

/* The signature that an entry must be about. */
typedef struct EntrySubject {
        Bytes signature;
        Bytes data;        /* what was signed: the artifact, or the encoding of the envelope */
        Bytes payload;     /* of the envelope; size 0: the artifact itself was signed */
        Bytes envelope;    /* the bytes of the envelope; size 0: not known */
        Bytes certificate; /* in DER; size 0: key_id counts */
        const char *key_id;
} EntrySubject;

/* Verifies that the entry is about the signature. If the entry does not name its kind, its body
 * does. ERROR_HOSTILE: it is about another one.
 * ERROR_INVALID: relman does not support its kind, or it is malformed. */
int entry_body_verify(const LogEntry *entry, const EntrySubject *subject, Error *err);
