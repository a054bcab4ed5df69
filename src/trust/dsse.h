#pragma once

/* DSSE envelopes: a payload, its type, and signatures over both
 * (https://github.com/secure-systems-lab/dsse, protocol.md and envelope.md). */

#include "trust/key.h"

typedef struct DsseSignature {
        const char *key_id; /* "" if there is none; only a hint */
        const unsigned char *data;
        size_t size;
} DsseSignature;

typedef struct DsseEnvelope {
        const char *payload_type;
        const char *payload; /* ends with a NUL that payload_size does not count */
        size_t payload_size;
        DsseSignature *signatures;
        size_t n_signatures;
} DsseEnvelope;

/* Reads an envelope in JSON, and verifies nothing. *ret is allocated from the arena. ERROR_INVALID:
 * the text is not an envelope. ERROR_HOSTILE: a key is repeated, so that other parsers may read
 * another value. */
int dsse_read(const char *text, size_t size, Arena *arena, DsseEnvelope *ret, Error *err);

/* Returns 1 and the key if a signature is valid under one of the keys, 0 if none is. Tries each
 * signature with each key, because the key id is not authenticated. */
int dsse_verify(const DsseEnvelope *envelope, const TrustKeys *keys, const TrustKey **ret_key,
                Error *err);

/* Signs a payload, and appends its envelope as one line of JSON. */
int dsse_sign(const TrustKey *key, const char *payload_type, const Buffer *payload, Buffer *out,
              Error *err);

/* Appends the bytes that are signed: the pre-authentication encoding of type and payload. */
void dsse_encode(const char *payload_type, const char *payload, size_t size, Buffer *out);
