/* Finds the sources of the images that the preview names, such as commits. Only stored facts are
 * read: the source of an image that never was a head and is in no release is not known. */

#include "base/limits.h"
#include "control/images.h"
#include "preview/preview-internal.h"

#define IMAGES_AT_ONCE 50 /* number of images whose facts are read together */

/* Images whose sources are found together. */
typedef struct Batch {
        FactKey keys[IMAGES_AT_ONCE];
        ComponentSource *sources[IMAGES_AT_ONCE]; /* the results */
        size_t n;
} Batch;

static void batch_add(Batch *batch, const char *component_id, const char *digest,
                      ComponentSource *source)
{
        if (!digest)
                return;
        batch->keys[batch->n] = (FactKey){ component_id, digest };
        batch->sources[batch->n++] = source;
}

static int batch_read(Previewer *previewer, const Batch *batch, Error *err)
{
        FactKeys keys = { arena_memdup(previewer->arena, batch->keys,
                                       batch->n * sizeof(*batch->keys)),
                          batch->n };
        _cleanup_(arena_done) Arena arena;
        StoredImage *images = NULL;
        int r;

        arena_init(&arena, API_REQUEST_MAX);
        arena.quota = previewer->arena->quota;
        r = keys.items ? images_read(previewer->control->store, &keys, &arena, &images, err)
                       : error_oom(err);
        for (size_t i = 0; i < batch->n && r >= 0; i++)
                images_source(&images[i], keys.items[i].name, previewer->arena, batch->sources[i]);
        return r >= 0 && previewer->arena->failed ? error_oom(err) : r;
}

/* Adds images to the batch, from the next one on. */
typedef void (*AddImages)(Previewer *previewer, Batch *batch);

static int read_sources(Previewer *previewer, AddImages add, size_t n, usec_t until, Error *err)
{
        while (previewer->at < n) {
                Batch batch = { .n = 0 };
                int r;

                add(previewer, &batch);
                r = batch_read(previewer, &batch, err);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

static void add_heads(Previewer *previewer, Batch *batch)
{
        const Preview *preview = previewer->preview;

        for (; previewer->at < preview->n_heads && batch->n + 2 <= IMAGES_AT_ONCE;
             previewer->at++) {
                PreviewHead *head = &preview->heads[previewer->at];

                batch_add(batch, head->component_id, head->from_digest, &head->from_source);
                batch_add(batch, head->component_id, head->to_digest, &head->to_source);
        }
}

int preview_head_sources(Previewer *previewer, usec_t until, Error *err)
{
        return read_sources(previewer, add_heads, previewer->preview->n_heads, until, err);
}

static void add_parts(Previewer *previewer, Batch *batch)
{
        const Preview *preview = previewer->preview;

        while (previewer->at < preview->n_releases && batch->n < IMAGES_AT_ONCE) {
                const PreviewRelease *release = &preview->releases[previewer->at];

                for (; previewer->part < release->n_parts && batch->n < IMAGES_AT_ONCE;
                     previewer->part++) {
                        PreviewPart *part = &release->parts[previewer->part];

                        batch_add(batch, part->component_id, part->picked.digest, &part->source);
                }
                if (previewer->part < release->n_parts)
                        return;
                previewer->part = 0;
                previewer->at++;
        }
}

int preview_release_sources(Previewer *previewer, usec_t until, Error *err)
{
        return read_sources(previewer, add_parts, previewer->preview->n_releases, until, err);
}
