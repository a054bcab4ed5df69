#include "registry/wire/facts-json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/macros.h"

#define SHA256 "sha256:"

/* Reads a mapping of texts. */
static int read_texts(JsonSpan object, Arena *arena, Pairs *ret, bool *ret_cut)
{
        char key[IMAGE_KEY_MAX + 1], value[IMAGE_TEXT_MAX + 1];
        JsonCursor cursor = { 0 };
        size_t n = 0;

        while (json_span_is_object(object) && n < IMAGE_TEXTS_READ_MAX &&
               json_span_next(object, &cursor))
                n++;
        *ret = (Pairs){ .items = arena_alloc_array(arena, n + 1, sizeof(*ret->items)) };
        if (!ret->items)
                return -ENOMEM;
        cursor = (JsonCursor){ 0 };
        while (json_span_is_object(object) && json_span_next(object, &cursor)) {
                if (ret->n == n || !json_span_text(cursor.key, key, sizeof(key)) ||
                    !json_span_text(cursor.value, value, sizeof(value))) {
                        *ret_cut = true;
                        continue;
                }
                ret->items[ret->n++] = (Pair){ .key = arena_strdup(arena, key),
                                               .value = arena_strdup(arena, value) };
        }
        return arena->failed ? -ENOMEM : 0;
}

static int read_text(JsonSpan span, size_t size, Arena *arena, const char **ret)
{
        char text[IMAGE_TEXT_MAX + 1];

        *ret = NULL;
        if (!json_span_text(span, text, size) || !*text)
                return 0;
        *ret = arena_strdup(arena, text);
        return *ret ? 0 : -ENOMEM;
}

/* Reads the digest of a descriptor. */
static int read_digest(JsonSpan descriptor, Arena *arena, const char **ret)
{
        int r = read_text(json_span_member(descriptor, "digest"), DIGEST_SIZE_MAX, arena, ret);

        if (r >= 0 && *ret && !digest_is_valid(*ret))
                *ret = NULL;
        return r;
}

/* Reads the digests of layers. The store keeps SHA-256 only. */
static int read_layers(JsonSpan layers, Arena *arena, ImageFacts *ret)
{
        JsonCursor cursor = { 0 };

        ret->layers.items = arena_alloc_array(arena, IMAGE_LAYERS_MAX, sizeof(char *));
        if (!ret->layers.items)
                return -ENOMEM;
        while (json_span_is_array(layers) && json_span_next(layers, &cursor)) {
                const char *digest;
                int r = read_digest(cursor.value, arena, &digest);

                if (r < 0)
                        return r;
                if (ret->layers.n == IMAGE_LAYERS_MAX || !digest ||
                    strncmp(digest, SHA256, strlen(SHA256)) != 0)
                        ret->is_cut = true;
                else
                        ret->layers.items[ret->layers.n++] = digest;
        }
        return 0;
}

int facts_read_manifest(JsonSpan manifest, const char *media_type, Arena *arena, ImageFacts *ret)
{
        static const char *const names[] = { "artifactType", "config", "layers", "annotations" };
        JsonSpan members[ARRAY_SIZE(names)];
        int r;

        *ret = (ImageFacts){ .media_type = media_type };
        json_span_members(manifest, names, ARRAY_SIZE(names), members);
        r = read_text(members[0], IMAGE_KEY_MAX, arena, &ret->artifact_type);
        if (r >= 0)
                r = read_digest(members[1], arena, &ret->config);
        if (r >= 0)
                r = read_layers(members[2], arena, ret);
        if (r >= 0)
                r = read_texts(members[3], arena, &ret->annotations, &ret->is_cut);
        if (r >= 0)
                ret->is_cut = image_texts_limit(&ret->annotations) || ret->is_cut;
        return r;
}

int facts_read_labels(JsonSpan config, Arena *arena, Pairs *ret, bool *ret_cut)
{
        return read_texts(json_span_member(json_span_member(config, "config"), "Labels"), arena,
                          ret, ret_cut);
}
