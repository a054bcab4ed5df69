#pragma once

/* Finds the platforms of an image and its build time, by deciding what to fetch after its manifest.
 * Pure: the caller fetches, verifies and parses.
 *
 *   image                    its configuration has both
 *   index                    its entries name platforms; the time is that of the first platform
 *     entry without platform its configuration has the platform (image specification: optional)
 *     entry that is an index is read, one level deep: its images count, not itself
 *
 * At most MANIFEST_CHILDREN_MAX entries are fetched; entries after these have no platform. */

#include "base/arena.h"
#include "base/limits.h"
#include "registry/wire/manifest-json.h"

typedef struct WalkItem {
        const char *digest;
        const char *claims; /* platform of its entry; NULL: none */
        const char
                *within; /* the platform that the surrounding index must be used for; NULL: any */
        unsigned depth;  /* 0: the requested manifest */
        bool for_time;
} WalkItem;

typedef struct ManifestWalk {
        Arena *arena;
        bool wants_created, is_index, has_finished;
        WalkItem queue[MANIFEST_CHILDREN_MAX];
        size_t n, next;
        WalkItem item;             /* the item that is being read */
        const char *config;        /* digest of its configuration, to be fetched next; NULL: none */
        PlatformDigests platforms; /* the result, in the arena */
        int64_t created;           /* as in Manifest, if wants_created or an image was read */
} ManifestWalk;

typedef enum WalkStep {
        WALK_DONE,
        WALK_MANIFEST, /* fetch this manifest, then call manifest_walk_take() */
        WALK_CONFIG,   /* fetch this configuration, then call manifest_walk_take_config() */
} WalkStep;

/* Begins with the requested manifest; pass it to manifest_walk_take() first. digest is borrowed. */
void manifest_walk_begin(ManifestWalk *walk, const char *digest, bool wants_created, Arena *arena);

/* Returns -ENOMEM. parsed must live as long as the arena. */
int manifest_walk_take(ManifestWalk *walk, const ParsedManifest *parsed);
int manifest_walk_take_config(ManifestWalk *walk, const ParsedConfig *config);

/* Returns the next step, and its digest. At WALK_DONE platforms and created are known. */
WalkStep manifest_walk_next(ManifestWalk *walk, const char **ret_digest);
