#pragma once

/* Reads the facts that are needed to make a release of many components. One statement reads the
 * facts of up to FACTS_AT_ONCE keys (query-facts.c). */

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

/* Each function sets *ret to an array in the arena. The array has the result for each key, in the
 * order of the keys. A key without rows has an empty result. For channels, names are ignored. For
 * versions and manifests, names are digests. */
int store_facts_channels(Store *store, const FactKeys *keys, Arena *arena, Channels **ret,
                         Error *err);
int store_facts_tags(Store *store, const FactKeys *keys, Arena *arena, TagRecords **ret,
                     Error *err);
int store_facts_versions(Store *store, const FactKeys *keys, Arena *arena, VersionMaps **ret,
                         Error *err);
int store_facts_manifests(Store *store, const FactKeys *keys, Arena *arena, Manifests **ret,
                          Error *err);
/* Read facts about a tag of each component: the moves of the tag, and the digests that releases
 * have for it. Newest first. */
int store_facts_tag_moves(Store *store, const FactKeys *keys, Arena *arena, TagMoves **ret,
                          Error *err);
int store_facts_released_tags(Store *store, const FactKeys *keys, Arena *arena, ReleasedTags **ret,
                              Error *err);
