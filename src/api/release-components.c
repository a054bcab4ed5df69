/* Writes the components of a release, with what their images say of themselves. */

#include "api/entity.h"
#include "model/source.h"
#include "store/images.h"

/* components whose images are read with one query: facts of an image may be large */
#define IMAGES_BATCH 50
#define BATCH_MAX    ((size_t)32 * 1024 * 1024) /* memory of the facts of a batch */
#define KEYS_MAX     ((size_t)64 * 1024)        /* bytes of the digests of a batch as JSON */

/* --- images ----------------------------------------------------------------------------------- */

/* The facts of an image: of its manifest or index, and of the image of its first platform. */
typedef struct ImageParts {
        const ImageFacts *index, *first;
} ImageParts;

/* Returns the image of the first platform, whose configuration stands for all of them. */
static const char *first_digest(const ReleaseComponent *component)
{
        return component->platforms.n > 0 ? component->platforms.items[0].digest
                                          : component->digest;
}

static const char *get_text(const ImageParts *image, const char *key)
{
        const char *text = image->index ? image_facts_get(image->index, key) : NULL;

        return text || !image->first ? text : image_facts_get(image->first, key);
}

static const char *get_either(const ImageParts *image, const char *key, const char *older)
{
        const char *text = get_text(image, key);

        return text ? text : get_text(image, older);
}

static void write_base(Json *json, const ImageParts *image)
{
        const char *name = get_text(image, "org.opencontainers.image.base.name");
        const char *digest = get_text(image, "org.opencontainers.image.base.digest");

        if (!name && !digest)
                return;
        json_begin(json, "base", '{');
        json_text(json, "name", name);
        json_text(json, "digest", digest);
        json_end(json, '}');
}

static void write_image(Json *json, const ReleaseComponent *component, const ImageFactList *images)
{
        const ImageParts image = { image_facts_find(images, component->digest),
                                   image_facts_find(images, first_digest(component)) };

        if (!image.index && !image.first)
                return;
        json_begin(json, "image", '{');
        json_text(json, "artifactType", image.index ? image.index->artifact_type : NULL);
        json_text(
                json, "version",
                get_either(&image, "org.opencontainers.image.version", "org.label-schema.version"));
        write_base(json, &image);
        if (image.first && image.first->has_config) {
                json_time(json, "created", (usec_t)MAX(image.first->created, 0) * USEC_PER_SEC);
                json_pairs(json, "labels", &image.first->labels);
        }
        json_end(json, '}');
}

/* --- components ------------------------------------------------------------------------------- */

static void write_platforms(Json *json, const char *key, const PlatformDigests *platforms)
{
        json_begin(json, key, '{');
        for (size_t i = 0; i < platforms->n; i++)
                json_text(json, platforms->items[i].platform, platforms->items[i].digest);
        json_end(json, '}');
}

void entity_source(Json *json, const ComponentSource *source)
{
        char link[SOURCE_LINK_MAX];

        if (!source->repository && !source->revision)
                return;
        json_begin(json, "source", '{');
        json_text(json, "repository", source->repository);
        json_text(json, "revision", source->revision);
        json_text(json, "link", source_commit_link(source, link));
        json_end(json, '}');
}

/* images: NULL: the component is written without the facts of its image */
static void write_component(Json *json, const ReleaseComponent *component,
                            const ImageFactList *images)
{
        json_begin(json, NULL, '{');
        json_text(json, "componentId", component->component_id);
        json_text(json, "componentName", component->component_name);
        json_text(json, "digest", component->digest);
        json_text(json, "semver", component->semver);
        json_text(json, "tag", component->tag);
        json_text(json, "role", component_role_to_string(component->role));
        json_text(json, "imageRepository", component->repository);
        json_text(json, "channel", component->channel);
        json_text(json, "mediaType", component->media_type);
        json_text(json, "artifact", artifact_kind_to_string(component->artifact));
        json_int(json, "size", component->size);
        json_time(json, "resolvedAt", component->resolved_at);
        write_platforms(json, "platforms", &component->platforms);
        write_platforms(json, "configs", &component->configs);
        entity_source(json, &component->source);
        json_texts(json, "replaces", &component->replaces);
        if (images)
                write_image(json, component, images);
        json_end(json, '}');
}

/* Reads the facts of the images of a batch. */
static int read_images(Request *request, const ReleaseComponent *components, size_t n, Arena *arena,
                       ImageFactList *ret, Error *err)
{
        _cleanup_(buffer_done) Buffer keys;

        buffer_init(&keys, KEYS_MAX);
        for (size_t i = 0; i < n; i++) {
                PlatformDigest first = { .digest = first_digest(&components[i]) };
                const bool is_other = !streq(first.digest, components[i].digest);

                image_keys_add(&keys, components[i].digest,
                               &(PlatformDigests){ &first, is_other ? 1 : 0 });
        }
        return store_images(reconciler_store(request->api->reconciler), &keys, arena, ret, err);
}

static int write_batch(Request *request, Json *json, const ReleaseComponent *components, size_t n,
                       Error *err)
{
        _cleanup_(arena_done) Arena arena;
        ImageFactList images;
        int r;

        arena_init(&arena, BATCH_MAX);
        arena.quota = &request->memory;
        r = read_images(request, components, n, &arena, &images, err);
        for (size_t i = 0; i < n && r >= 0; i++)
                write_component(json, &components[i], &images);
        return r;
}

int entity_components(Request *request, Json *json, const ReleaseComponents *components, Error *err)
{
        int r = 0;

        json_begin(json, "components", '[');
        if (request->rows)
                for (size_t i = 0; i < components->n; i++)
                        write_component(json, &components->items[i], NULL);
        else
                for (size_t at = 0; at < components->n && r >= 0; at += IMAGES_BATCH)
                        r = write_batch(request, json, &components->items[at],
                                        MIN(components->n - at, (size_t)IMAGES_BATCH), err);
        json_end(json, ']');
        return r;
}
