#pragma once

/* The stored result of the verification of an image. */

#include "base/arena.h"
#include "base/time.h"

typedef enum SignatureResult {
        SIGNATURE_VALID,
        SIGNATURE_MISSING, /* the registry has no signature of the image */
        SIGNATURE_INVALID, /* it has signatures, but none that `verify` accepts */
        SIGNATURE_RESULT_MAX_,
} SignatureResult;

/* The result of the verification of an image by the rules in `verify`. */
typedef struct Signature {
        const char *policy; /* digest of the rules and of the keys; NULL: not verified */
        SignatureResult result;
        bool is_tolerated;  /* valid, although a rule with mode warn is not met */
        const char *detail; /* every place that was searched, and what was found there */
        usec_t at;          /* wall */
        usec_t until;       /* wall: when a valid result ends; 0: it does not end */
} Signature;

/* The word for a valid result with is_tolerated. */
#define SIGNATURE_TOLERATED "tolerated"

/* True if a rule with mode warn is not met, and all others are. */
bool signature_is_tolerated(const Signature *signature);

/* Returns the time until which the result is valid; USEC_INFINITY if it does not end, 0 if it is
 * not valid. */
usec_t signature_until(const Signature *signature);

/* Copies the texts into the arena. If memory runs out, arena->failed is set. */
Signature signature_copy(const Signature *signature, Arena *arena);

/* Returns the word for the result: "valid", "missing" or "invalid". NULL if it was not verified. */
const char *signature_word(const Signature *signature);
/* Same, for people: also "tolerated". */
const char *signature_shown(const Signature *signature);
/* Returns the result for a word; SIGNATURE_INVALID for any other text or NULL. */
SignatureResult signature_result_of(const char *word);
