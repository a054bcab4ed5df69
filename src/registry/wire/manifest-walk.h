#pragma once

/* Finds the platforms and the build time of an image: decides which documents to fetch after its
 * manifest. Pure: the caller fetches, verifies and parses.
 *
 *   image                    its configuration has both
 *   index                    its entries name platforms; the time is that of the first platform
 *     entry without platform its configuration has the platform (image specification: optional)
 *     entry that is an index is read, one level deep: adds its images, not the index itself
 *
 * At most MANIFEST_CHILDREN_MAX entries are fetched; entries after these have no platform. */

#include "base/arena.h"
#include "base/limits.h"
#include "registry/wire/manifest-json.h"

typedef struct WalkItem {
        const char *digest;
        const char *claims; /* platform that the entry of this manifest names; NULL: none */
        /* platform that the entry of its nested index names; NULL: none */
        const char *within;
        unsigned depth; /* 0: the manifest that was requested */
        bool for_time;
} WalkItem;

/* The results that are requested besides the facts of the manifest. */
typedef enum WalkWants {
        WALK_WANTS_NOTHING,
        WALK_WANTS_PLATFORMS,
        WALK_WANTS_CREATED, /* the platforms, and the build time */
} WalkWants;

typedef struct ManifestWalk {
        Arena *arena;
        WalkWants wants;
        bool is_index, has_finished;
        WalkItem queue[MANIFEST_CHILDREN_MAX];
        size_t n, next;
        WalkItem item; /* the item that is being read */
        /* digest of a configuration that must be fetched next; NULL: none */
        const char *config;
        PlatformDigests platforms; /* the result, in the arena */
        int64_t created;           /* as in Manifest; -1: not known */
        /* facts of each manifest that was read, the requested one first */
        ImageFacts facts[MANIFEST_CHILDREN_MAX + 2];
        size_t n_facts;
} ManifestWalk;

typedef enum WalkStep {
        WALK_DONE,
        WALK_MANIFEST, /* fetch this manifest, then call manifest_walk_take() */
        WALK_CONFIG,   /* fetch this configuration, then call manifest_walk_take_config() */
} WalkStep;

/* Begins a walk. digest is that of the requested manifest, and is borrowed. The caller then passes
 * this manifest to manifest_walk_take(). */
void manifest_walk_begin(ManifestWalk *walk, const char *digest, WalkWants wants, Arena *arena);

/* Both functions take a document that the caller fetched and verified. They return 0 or -ENOMEM.
 * The caller may free parsed and config after the call, but not the arena that has their texts. */
int manifest_walk_take(ManifestWalk *walk, const ParsedManifest *parsed);
int manifest_walk_take_config(ManifestWalk *walk, const ParsedConfig *config);

/* Returns the next step, and sets *ret_digest to the digest to fetch. After WALK_DONE platforms and
 * created are complete. */
WalkStep manifest_walk_next(ManifestWalk *walk, const char **ret_digest);

/* Sets the platforms, the build time and the facts of a manifest after WALK_DONE. The facts are
 * borrowed from the walk. */
void manifest_walk_end(const ManifestWalk *walk, Manifest *manifest);
