#pragma once

/* Reads facts of images, such as labels and layers. */

#include "model/image-facts.h"
#include "store/facts.h"

/* Reads the stored facts of images. digests is a JSON array. The facts are in the order of the
 * digests; digests without facts are skipped. */
int store_images(Store *store, const char *digests, Arena *arena, ImageFactList *ret, Error *err);

/* Reads the image facts that were stored for heads of components, as in store/facts.h. The names of
 * the keys are digests of heads. */
int store_facts_heads(Store *store, const FactKeys *keys, Arena *arena, ImageFactList **ret,
                      Error *err);
