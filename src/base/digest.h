#pragma once

/* Content digests: "sha256:" and 64, or "sha512:" and 128 lower-case hexadecimal digits (OCI
 * image-spec descriptor.md). No other algorithm is accepted anywhere. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

#define DIGEST_SIZE_MAX 136 /* "sha512:" + 128 + NUL */

#define DIGEST_PREFIX_MIN 8 /* minimum number of hex digits in an abbreviated digest */

bool digest_is_valid(const char *text);
/* True if text is the beginning of a digest: at least DIGEST_PREFIX_MIN hex digits, with or without
 * the algorithm. */
bool digest_is_prefix(const char *text);
/* True if the digest begins with the prefix, which may lack the algorithm (digest_is_prefix()). */
bool digest_has_prefix(const char *digest, const char *prefix);

/* Computes the SHA-256 of data, as "sha256:...". */
void digest_sha256(const void *data, size_t size, char ret_digest[DIGEST_SIZE_MAX]);

/* True if digest is the hash of data. The digest names the algorithm. */
bool digest_matches(const char *digest, const void *data, size_t size);

/* The SHA-256 of data that comes in several pieces. */
typedef struct DigestStream DigestStream;
DigestStream *digest_stream_new(void); /* NULL when memory ran out */
DigestStream *digest_stream_free(DigestStream *stream);
DEFINE_FREEP(DigestStream, digest_stream_free)
void digest_stream_add(DigestStream *stream, const void *data, size_t size);
void digest_stream_end(DigestStream *stream, char ret_digest[DIGEST_SIZE_MAX]);

/* Computes the SHA-1 of data followed by texts, each with its NUL. texts ends with NULL. Use it
 * only for UUIDv5. */
void digest_sha1(const void *data, size_t size, const char *const *texts,
                 unsigned char ret_hash[20]);
