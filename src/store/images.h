#pragma once

/* Reads what images say of themselves. */

#include "model/image-facts.h"
#include "store/facts.h"

/* Reads the facts of these digests (a JSON array) that are stored, in their order. */
int store_images(Store *store, const char *digests, Arena *arena, ImageFactList *ret, Error *err);

/* Reads the facts that were stored with the heads of components: see store/facts.h. The names of
 * the keys are digests of heads. */
int store_facts_heads(Store *store, const FactKeys *keys, Arena *arena, ImageFactList **ret,
                      Error *err);
