#pragma once

/* Reads the facts that a release of many components needs, with one statement for each group of
 * FACTS_AT_ONCE components. */

#include "store/store.h"

/* A component and one of its tags or digests. */
typedef struct FactKey {
        const char *component_id; /* NULL: nothing is read for this key */
        const char *name;         /* a tag or digest */
} FactKey;

typedef struct FactKeys {
        FactKey *items;
        size_t n;
} FactKeys;

/* Each function sets *ret to an array in the arena with a result for each key, in the order of the
 * keys. A key without rows has an empty result. For channels, names are ignored; for versions and
 * manifests, names are digests. */
int store_facts_channels(Store *store, const FactKeys *keys, Arena *arena, Channels **ret,
                         Error *err);
int store_facts_tags(Store *store, const FactKeys *keys, Arena *arena, TagRecords **ret,
                     Error *err);
int store_facts_versions(Store *store, const FactKeys *keys, Arena *arena, VersionMaps **ret,
                         Error *err);
int store_facts_manifests(Store *store, const FactKeys *keys, Arena *arena, Manifests **ret,
                          Error *err);
/* Read, for a tag of each component, the moves of the tag, and the digests that releases have for
 * the tag, newest first. */
int store_facts_tag_moves(Store *store, const FactKeys *keys, Arena *arena, TagMoves **ret,
                          Error *err);
int store_facts_released_tags(Store *store, const FactKeys *keys, Arena *arena, ReleasedTags **ret,
                              Error *err);
