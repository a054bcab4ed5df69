#include "registry/wire/manifest-walk.h"

#include <errno.h>

#include "base/map.h"
#include "model/platform.h"

/* The entries of the requested index (depth 0) and of indexes in it (depth 1) are read. */
#define DEPTH_MAX 1

void manifest_walk_begin(ManifestWalk *walk, const char *digest, WalkWants wants, Arena *arena)
{
        *walk = (ManifestWalk){ .arena = arena,
                                .wants = wants,
                                .item = { .digest = digest },
                                .created = wants == WALK_WANTS_CREATED ? 0 : -1 };
}

/* Returns the facts of the manifest that is being read; NULL if they were not kept. */
static ImageFacts *walk_facts(ManifestWalk *walk)
{
        for (size_t i = 0; i < walk->n_facts; i++)
                if (streq(walk->facts[i].digest, walk->item.digest))
                        return &walk->facts[i];
        return NULL;
}

static void walk_note(ManifestWalk *walk, const ParsedManifest *parsed)
{
        ImageFacts *facts = walk_facts(walk);

        if (!facts && walk->n_facts < ARRAY_SIZE(walk->facts))
                facts = &walk->facts[walk->n_facts++];
        if (!facts)
                return;
        *facts = parsed->facts;
        facts->digest = walk->item.digest;
}

static void walk_note_config(ManifestWalk *walk, const ParsedConfig *config)
{
        ImageFacts *facts = walk_facts(walk);

        if (!facts)
                return;
        facts->has_config = true;
        facts->labels = config->labels;
        facts->platform = config->platform;
        facts->created = config->created;
        facts->is_cut = facts->is_cut || config->is_cut;
}

/* Adds platforms that the result lacks. In a nested index, adds only platforms that satisfy the
 * platform of the entry of that index. */
static int walk_add(ManifestWalk *walk, const PlatformDigests *more)
{
        _cleanup_(map_done) Map seen = { 0 };
        PlatformDigests all = { 0 };
        int r = 0;

        all.items =
                arena_alloc_array(walk->arena, walk->platforms.n + more->n + 1, sizeof(*all.items));
        if (!all.items)
                return -ENOMEM;
        for (size_t i = 0; i < walk->platforms.n && r >= 0; i++) {
                all.items[all.n++] = walk->platforms.items[i];
                r = map_put(&seen, walk->platforms.items[i].platform, walk, NULL);
        }
        for (size_t i = 0; i < more->n && r >= 0 && all.n < MANIFEST_ENTRIES_MAX; i++) {
                const char *platform = more->items[i].platform;

                if (walk->item.within && !platform_satisfies(walk->item.within, platform))
                        continue;
                r = map_put(&seen, platform, walk, NULL);
                if (r > 0)
                        all.items[all.n++] = more->items[i];
        }
        if (r < 0)
                return -ENOMEM;
        walk->platforms = all;
        return 0;
}

static int walk_add_one(ManifestWalk *walk, const char *platform, const char *digest)
{
        PlatformDigest one = { .platform = platform, .digest = digest };

        return walk_add(walk, &(PlatformDigests){ &one, 1 });
}

/* Adds an entry to the queue. An index within a nested index is not read; if its entry names a
 * platform, that platform is added. */
static int walk_add_child(ManifestWalk *walk, const IndexChild *child)
{
        bool is_too_deep = walk->item.depth == DEPTH_MAX && child->is_index;

        if (is_too_deep)
                return child->platform ? walk_add_one(walk, child->platform, child->digest) : 0;
        if (walk->n < MANIFEST_CHILDREN_MAX)
                walk->queue[walk->n++] = (WalkItem){
                        .digest = child->digest,
                        .claims = child->platform,
                        .within = child->platform ? child->platform : walk->item.within,
                        .depth = walk->item.depth + 1,
                };
        return 0;
}

/* Adds the manifests of a nested index to the facts of the requested one. */
static int walk_add_others(ManifestWalk *walk, const ParsedManifest *parsed)
{
        ImageFacts *facts = &walk->facts[0];
        const Pairs *more = &parsed->facts.others;
        Pairs all = { .items = arena_alloc_array(
                              walk->arena, facts->others.n + parsed->platforms.n + more->n + 1,
                              sizeof(*all.items)) };

        if (!all.items)
                return -ENOMEM;
        for (size_t i = 0; i < facts->others.n; i++)
                all.items[all.n++] = facts->others.items[i];
        for (size_t i = 0; i < parsed->platforms.n; i++)
                all.items[all.n++] = (Pair){ .key = parsed->platforms.items[i].digest,
                                             .value = parsed->platforms.items[i].platform };
        for (size_t i = 0; i < more->n; i++)
                all.items[all.n++] = more->items[i];
        facts->is_cut = image_others_limit(&all) || facts->is_cut;
        facts->others = all;
        return 0;
}

static int walk_take_index(ManifestWalk *walk, const ParsedManifest *parsed)
{
        int r = 0;

        if (walk->item.for_time || walk->item.depth > DEPTH_MAX)
                return 0;
        walk->is_index = walk->is_index || walk->item.depth == 0;
        r = walk_add(walk, &parsed->platforms);
        if (r >= 0 && walk->item.depth > 0)
                r = walk_add_others(walk, parsed);
        for (size_t i = 0; i < parsed->n_children && r >= 0; i++)
                r = walk_add_child(walk, &parsed->children[i]);
        return r;
}

int manifest_walk_take(ManifestWalk *walk, const ParsedManifest *parsed)
{
        walk_note(walk, parsed);
        if (parsed->is_index)
                return walk_take_index(walk, parsed);
        if (walk->item.claims)
                return walk_add_one(walk, walk->item.claims, walk->item.digest);
        walk->config = parsed->config_digest;
        return 0;
}

int manifest_walk_take_config(ManifestWalk *walk, const ParsedConfig *config)
{
        walk->config = NULL;
        walk_note_config(walk, config);
        if (walk->item.for_time || walk->item.depth == 0)
                walk->created = config->created;
        if (walk->item.for_time || !config->platform)
                return 0;
        return walk_add_one(walk, config->platform, walk->item.digest);
}

WalkStep manifest_walk_next(ManifestWalk *walk, const char **ret_digest)
{
        if (walk->wants == WALK_WANTS_NOTHING)
                return WALK_DONE;
        if (walk->config) {
                *ret_digest = walk->config;
                return WALK_CONFIG;
        }
        if (walk->next < walk->n)
                walk->item = walk->queue[walk->next++];
        else if (!walk->has_finished) {
                walk->has_finished = true;
                platform_digests_sort(&walk->platforms);
                if (walk->wants != WALK_WANTS_CREATED || !walk->is_index || walk->platforms.n == 0)
                        return WALK_DONE;
                walk->item =
                        (WalkItem){ .digest = walk->platforms.items[0].digest, .for_time = true };
        } else
                return WALK_DONE;
        *ret_digest = walk->item.digest;
        return WALK_MANIFEST;
}

void manifest_walk_end(const ManifestWalk *walk, Manifest *manifest)
{
        manifest->platforms = walk->platforms;
        manifest->created = walk->created;
        manifest->facts = (ImageFactList){ (ImageFacts *)(uintptr_t)walk->facts, walk->n_facts };
}
