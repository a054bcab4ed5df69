/* Collects facts about the images of a release. The facts come from three sources: manifests that
 * the task reads, manifests that were read when the digest became a head, and earlier releases with
 * the digest. They cause no additional request: if facts are missing, the task reads the manifest
 * instead of only checking that it exists. */

#include <errno.h>

#include "base/limits.h"
#include "compose/release-task.h"
#include "model/source.h"
#include "release/admission.h"
#include "store/images.h"
#include "store/release-json.h"

/* bytes of the digests of all parts as JSON */
#define KEYS_MAX ((size_t)64 * 1024 * 1024)

void part_add_images(Part *part, const ImageFactList *images)
{
        Arena *arena = &part->task->arena;
        ImageFactList copy;

        /* without memory the facts are not known */
        if (images->n > 0 &&
            image_facts_copy_kept(images, &part->want->component->keep_labels, arena, &copy) >= 0)
                (void)image_facts_append(&part->images, &copy, arena);
}

static bool is_picked(const Part *part)
{
        return !part->problem && !part->picked.reason && part->picked.digest && part->has_manifest;
}

/* --- stored facts ----------------------------------------------------------------------------- */

static int read_heads(ReleaseTask *task, Error *err)
{
        FactKeys keys = { .items = arena_alloc_array(&task->arena, task->wants.n + 1,
                                                     sizeof(*keys.items)),
                          .n = task->wants.n };
        ImageFactList *heads = NULL;
        int r;

        if (!keys.items)
                return error_oom(err);
        for (size_t i = 0; i < keys.n; i++) {
                const Part *part = &task->parts[i];

                keys.items[i] = (FactKey){ 0 };
                if (is_picked(part) && part->was_known)
                        keys.items[i] = (FactKey){ part->want->component->object.id.text,
                                                   part->picked.digest };
        }
        r = store_facts_heads(task_control(task)->store, &keys, &task->arena, &heads, err);
        for (size_t i = 0; i < keys.n && r >= 0; i++)
                part_add_images(&task->parts[i], &heads[i]);
        return r;
}

int release_task_read_images(ReleaseTask *task, Error *err)
{
        _cleanup_(buffer_done) Buffer keys;
        int r;

        buffer_init(&keys, KEYS_MAX);
        for (size_t i = 0; i < task->wants.n; i++)
                if (is_picked(&task->parts[i]))
                        image_keys_add(&keys, task->parts[i].picked.digest,
                                       &task->parts[i].manifest.platforms);
        r = store_images(task_control(task)->store, &keys, &task->arena, &task->images, err);
        for (size_t i = 0; i < task->images.n && r >= 0; i++) {
                ImageFacts *facts = &task->images.items[i];

                if (!map_has(&task->stored_images, facts->digest) &&
                    map_put(&task->stored_images, facts->digest, facts, NULL) < 0)
                        r = error_oom(err);
        }
        return r < 0 ? r : read_heads(task, err);
}

/* Returns the facts of a digest of the part; NULL: they are not known. */
static const ImageFacts *find_image(const void *userdata, const char *digest)
{
        const Part *part = userdata;
        const ImageFacts *read = image_facts_find(&part->images, digest);

        return read ? read : map_get(&part->task->stored_images, digest);
}

/* True if the registry reports a limit on pulls, as Docker Hub does. There each GET of a manifest
 * counts, but HEAD does not. */
static bool counts_requests(const Component *component)
{
        HttpPoolStats stats;

        registry_stats(component->client, &stats);
        return stats.remaining >= 0;
}

ImagesWay part_images_way(const Part *part, const Component *component,
                          const ImagesQuestion *question)
{
        const ImageFacts *facts = find_image(part, question->digest);
        bool is_known = question->skip_digest || image_facts_are_complete(facts);

        if (counts_requests(component))
                return IMAGES_HEAD;
        for (size_t i = 0; i < question->platforms.n && is_known; i++)
                is_known = find_image(part, question->platforms.items[i].digest);
        return is_known ? IMAGES_HEAD : IMAGES_READ;
}

/* --- facts for the release -------------------------------------------------------------------- */

int part_configs(const Part *part, Arena *arena, PlatformDigests *ret)
{
        const PlatformDigests *platforms = &part->manifest.platforms;

        *ret = (PlatformDigests){ .items = arena_alloc_array(arena, platforms->n + 1,
                                                             sizeof(*ret->items)) };
        for (size_t i = 0; ret->items && i < platforms->n; i++) {
                const PlatformDigest *item = &platforms->items[i];
                const ImageFacts *facts = find_image(part, item->digest);

                if (facts && facts->config)
                        ret->items[ret->n++] = (PlatformDigest){ item->platform, facts->config };
        }
        return ret->items ? 0 : -ENOMEM;
}

void part_source(const Part *part, Arena *arena, ComponentSource *ret)
{
        source_of_image(part->picked.digest, &part->manifest.platforms, find_image, part, arena,
                        ret);
}

/* Adds the facts of a digest, unless they are stored already. Another component with the digest may
 * keep other labels; the store has the labels of both. */
static void put_image(const Part *part, const char *digest, Changes *changes)
{
        const ImageFacts *read = image_facts_find(&part->images, digest);
        const ImageFacts *stored = map_get(&part->task->stored_images, digest);

        if (read && (!stored || (!stored->has_config && read->has_config) ||
                     !image_facts_have_labels(stored, read) ||
                     (!image_facts_are_complete(stored) && read->has_others)))
                changes_put_image(changes, read);
}

void release_task_put_images(const ReleaseTask *task, Changes *changes)
{
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                const PlatformDigests *platforms = &part->manifest.platforms;

                put_image(part, part->picked.digest, changes);
                for (size_t j = 0; j < platforms->n; j++)
                        if (!streq(platforms->items[j].digest, part->picked.digest))
                                put_image(part, platforms->items[j].digest, changes);
        }
}
