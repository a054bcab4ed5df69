#pragma once

/* Reads facts about many components, with one statement for FACTS_AT_ONCE of them: what a release
 * of all these components needs. */

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

/* Each fills an array of n results, one for each key in the same order, in the arena. A key that
 * has no rows has an empty result. The names are ignored for channels; for versions and manifests
 * they are digests. */
int store_facts_channels(Store *store, const FactKeys *keys, Arena *arena, Channels **ret,
                         Error *err);
int store_facts_tags(Store *store, const FactKeys *keys, Arena *arena, TagRecords **ret,
                     Error *err);
int store_facts_versions(Store *store, const FactKeys *keys, Arena *arena, VersionMaps **ret,
                         Error *err);
int store_facts_manifests(Store *store, const FactKeys *keys, Arena *arena, Manifests **ret,
                          Error *err);
/* For one tag of each component: its moves, and the digests that releases hold under it, newest
 * first. */
int store_facts_tag_moves(Store *store, const FactKeys *keys, Arena *arena, TagMoves **ret,
                          Error *err);
int store_facts_released_tags(Store *store, const FactKeys *keys, Arena *arena, ReleasedTags **ret,
                              Error *err);
