#pragma once

/* Converts facts of images to and from their columns: JSON, and the bytes of digests. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/image-facts.h"

/* Appends facts as a JSON object, without the digest. */
int image_facts_to_json(const ImageFacts *facts, Buffer *out);
/* Parses facts from JSON. *ret is allocated from the arena. ret->digest is `digest`, borrowed. */
int image_facts_from_json(const char *json, const char *digest, Arena *arena, ImageFacts *ret,
                          Error *err);

#define SHA256_BYTES 32

/* Writes the bytes of a SHA-256 digest to ret. Returns false for another algorithm. digest must be
 * valid. */
bool image_digest_bytes(const char *digest, uint8_t ret[SHA256_BYTES]);
