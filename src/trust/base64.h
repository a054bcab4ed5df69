#pragma once

/* Base64 in standard form (RFC 4648, section 4): with padding, without line breaks. */

#include "base/arena.h"
#include "base/buffer.h"

/* Decodes text into the arena. Also accepts the URL alphabet, because envelopes may use it. Refuses
 * missing padding, other characters, and nonzero bits after the last byte, so that each value has
 * one text in each alphabet. Returns 0, -EINVAL for a refused text, or -ENOMEM. */
int base64_decode(const char *text, size_t size, Arena *arena, unsigned char **ret,
                  size_t *ret_size);

/* Decodes the form of JSON Web Signatures (RFC 7515, 2): URL alphabet, no padding. Errors are those
 * of base64_decode(). */
int base64url_decode(const char *text, size_t size, Arena *arena, unsigned char **ret,
                     size_t *ret_size);

/* Appends data in the standard alphabet. On failure sets out->failed. */
void base64_encode(const void *data, size_t size, Buffer *out);
