#pragma once

/* Reads CBOR (RFC 8949) item by item. libcbor decodes each head; no tree is made, because libcbor's
 * cbor_load() allocates and writes memory for the number of items that an array only claims to
 * have. Refuses items of indefinite length, as other readers of COSE do. */

#include "trust/proto-json.h"

typedef enum CborKind {
        CBOR_KIND_UNSIGNED,
        CBOR_KIND_NEGATIVE, /* the number is -1 - value */
        CBOR_KIND_BYTES,
        CBOR_KIND_TEXT,
        CBOR_KIND_ARRAY, /* value items follow */
        CBOR_KIND_MAP,   /* value pairs of items follow */
        CBOR_KIND_TAG,   /* one item follows */
        CBOR_KIND_OTHER, /* a floating-point number, or a simple value such as null */
} CborKind;

typedef struct CborItem {
        CborKind kind;
        uint64_t value;
        Bytes bytes; /* borrowed from the input */
} CborItem;

/* The part of the input that was not read yet. */
typedef struct CborReader {
        Bytes rest;
} CborReader;

/* These return 0, or -EBADMSG if the input is incomplete, or not CBOR of definite length. */
int cbor_next(CborReader *reader, CborItem *ret);
/* Like cbor_next(), but refuses items of other kinds. */
int cbor_next_of(CborReader *reader, CborKind kind, CborItem *ret);
/* Skips an item with all that is in it. */
int cbor_skip(CborReader *reader);

/* True if the item is this text. */
bool cbor_is_text(const CborItem *item, const char *text);
