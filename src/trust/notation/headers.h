#pragma once

/* The signed attributes of a Notary Project signature, in either format
 * (https://github.com/notaryproject/specifications, specs/signature-specification.md). */

#include "trust/notation/envelope.h"

/* Attributes that a signer may mark as critical, and that relman processes. */
typedef enum NotationCritical {
        CRITICAL_SCHEME,
        CRITICAL_AUTHENTIC_TIME,
        CRITICAL_EXPIRY,
        CRITICAL_SIGNING_TIME,
        CRITICAL_MAX_,
} NotationCritical;

/* The attributes as they are in the envelope. Times of 0 are absent. */
typedef struct NotationHeaders {
        Bytes content_type, scheme;
        usec_t signing_time, authentic_time, expiry;
        bool has_plugin;
        bool is_critical[CRITICAL_MAX_];
        bool has_critical; /* the list of critical attributes exists */
} NotationHeaders;

int notation_refuse(const char *why, Error *err);
/* Records an attribute of the list of critical ones. Refuses one that relman does not know. */
int notation_note_critical(NotationHeaders *headers, Bytes name, Error *err);
/* Checks the attributes, and writes them to the envelope. */
int notation_check_headers(const NotationHeaders *headers, NotationEnvelope *envelope, Error *err);

int notation_read_jws(Bytes data, Arena *arena, NotationEnvelope *ret, Error *err);
int notation_read_cose(Bytes data, Arena *arena, NotationEnvelope *ret, Error *err);
