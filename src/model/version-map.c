#include "model/version-map.h"

int sort_key_compare(SortKey a, SortKey b)
{
        size_t n = MIN(a.size, b.size);
        int c = n > 0 ? memcmp(a.data, b.data, n) : 0;

        if (c != 0)
                return c;
        return (a.size > b.size) - (a.size < b.size);
}

int version_map_compare(const VersionMap *a, const VersionMap *b)
{
        int c = sort_key_compare(a->sort_key, b->sort_key);

        if (c != 0)
                return c;
        if (a->specificity != b->specificity)
                return a->specificity > b->specificity ? 1 : -1;
        return strcmp(a->tag, b->tag);
}

Uuid version_map_id(const char *component_id, const char *digest)
{
        return uuid_of((const char *const[]){ component_id, digest, NULL });
}

ArtifactKind artifact_kind(const char *artifact)
{
        if (artifact[0] == '\0')
                return ARTIFACT_IMAGE;
        return streq(artifact, ARTIFACT_CHART_NAME) ? ARTIFACT_CHART : ARTIFACT_OTHER;
}

const Manifest *manifest_copy(const Manifest *manifest, Arena *arena)
{
        Manifest *copy = arena_memdup(arena, manifest, sizeof(*manifest));
        PlatformDigest *items = arena_memdup(arena, manifest->platforms.items,
                                             manifest->platforms.n * sizeof(*items));

        if (!copy || !items)
                return NULL;
        copy->digest = arena_strdup(arena, manifest->digest);
        copy->media_type = arena_strdup(arena, manifest->media_type);
        copy->platforms.items = items;
        copy->artifact = manifest->artifact ? arena_strdup(arena, manifest->artifact) : NULL;
        copy->signature = signature_copy(&manifest->signature, arena);
        (void)image_facts_copy(&manifest->facts, arena, &copy->facts); /* sets arena->failed */
        copy->only_mirror = NULL;
        copy->gone_platform = NULL;
        for (size_t i = 0; i < copy->platforms.n; i++) {
                items[i].platform = arena_strdup(arena, items[i].platform);
                items[i].digest = arena_strdup(arena, items[i].digest);
                if (!items[i].platform || !items[i].digest)
                        return NULL;
        }
        return copy->digest && copy->media_type && !arena->failed ? copy : NULL;
}
