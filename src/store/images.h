#pragma once

/* Reads facts of images, such as labels and layers. */

#include "base/buffer.h"
#include "model/image-facts.h"
#include "model/release.h"
#include "store/facts.h"

/* Adds a digest and the digests of its platforms to the keys of store_images(). Begin with an empty
 * buffer; it reports a failure. */
void image_keys_add(Buffer *keys, const char *digest, const PlatformDigests *platforms);

/* Reads the stored facts of images. The facts are in the order of the keys; digests without facts
 * are skipped. */
int store_images(Store *store, Buffer *keys, Arena *arena, ImageFactList *ret, Error *err);

/* Reads the image facts that were stored for heads of components, as in store/facts.h. The names of
 * the keys are digests of heads. */
int store_facts_heads(Store *store, const FactKeys *keys, Arena *arena, ImageFactList **ret,
                      Error *err);
