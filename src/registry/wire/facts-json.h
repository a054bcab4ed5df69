#pragma once

/* Reads the facts of an image: annotations and layers from its manifest, labels from its
 * configuration. Values that are too long or no text are skipped, and the facts are marked as cut.
 * Results are allocated from the arena. All functions return 0 or -ENOMEM. */

#include "model/image-facts.h"
#include "registry/wire/json-span.h"

/* Sets all facts that a manifest or an index has. *ret has no digest. media_type is borrowed. */
int facts_read_manifest(JsonSpan manifest, const char *media_type, Arena *arena, ImageFacts *ret);

/* Reads the labels of a configuration. Sets *ret_cut if some are skipped. */
int facts_read_labels(JsonSpan config, Arena *arena, Pairs *ret, bool *ret_cut);
