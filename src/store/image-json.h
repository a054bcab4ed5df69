#pragma once

/* Reads and writes the JSON columns with what images say of themselves. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/image-facts.h"

/* Appends facts as a JSON object, without the digest. */
int image_facts_to_json(const ImageFacts *facts, Buffer *out);
/* Reads such a text. *ret is allocated from the arena; ret->digest is `digest`, borrowed. */
int image_facts_from_json(const char *json, const char *digest, Arena *arena, ImageFacts *ret,
                          Error *err);
