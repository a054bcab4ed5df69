#include "control/images.h"

#include "model/source.h"
#include "store/images.h"

#define KEYS_MAX ((size_t)64 * 1024 * 1024) /* bytes of the digests of a release as JSON */

/* --- stored facts ----------------------------------------------------------------------------- */

int images_read(Store *store, const FactKeys *keys, Arena *arena, StoredImage **ret, Error *err)
{
        ImageFactList *images = arena_alloc(arena, sizeof(*images)), *heads = NULL;
        _cleanup_(buffer_done) Buffer digests;
        Manifests *manifests = NULL;
        int r;

        buffer_init(&digests, KEYS_MAX);
        *ret = arena_alloc_array(arena, keys->n + 1, sizeof(**ret));
        if (!images || !*ret)
                return error_oom(err);
        r = store_facts_manifests(store, keys, arena, &manifests, err);
        if (r >= 0)
                r = store_facts_heads(store, keys, arena, &heads, err);
        for (size_t i = 0; i < keys->n && r >= 0; i++)
                if (keys->items[i].component_id)
                        image_keys_add(&digests, keys->items[i].name,
                                       manifests[i].n > 0 ? &manifests[i].items->platforms
                                                          : &(PlatformDigests){ 0 });
        if (r >= 0)
                r = store_images(store, &digests, arena, images, err);
        for (size_t i = 0; i < keys->n && r >= 0; i++)
                (*ret)[i] =
                        (StoredImage){ .manifest = manifests[i].n > 0 ? manifests[i].items : NULL,
                                       .heads = heads[i],
                                       .images = images };
        return r;
}

static const ImageFacts *find_image(const void *userdata, const char *digest)
{
        const StoredImage *image = userdata;
        const ImageFacts *facts = image_facts_find(&image->heads, digest);

        return facts ? facts : image_facts_find(image->images, digest);
}

void images_source(const StoredImage *image, const char *digest, Arena *arena, ComponentSource *ret)
{
        const PlatformDigests none = { 0 };

        source_of_image(digest, image->manifest ? &image->manifest->platforms : &none, find_image,
                        image, arena, ret);
}

/* --- all images of a release ------------------------------------------------------------------ */

/* Adds the other images of the same platforms (image_others_add()) to the platforms of the
 * components, from the facts of their digests. */
static int add_others(Store *store, ReleaseComponents *components, Arena *arena, Error *err)
{
        _cleanup_(buffer_done) Buffer digests;
        ImageFactList images;
        size_t at = 0;
        int r;

        buffer_init(&digests, KEYS_MAX);
        for (size_t i = 0; i < components->n; i++)
                image_keys_add(&digests, components->items[i].digest, &(PlatformDigests){ 0 });
        r = store_images(store, &digests, arena, &images, err);
        for (size_t i = 0; i < components->n && r >= 0; i++) {
                ReleaseComponent *component = &components->items[i];
                const ImageFacts *facts = at < images.n ? &images.items[at] : NULL;

                /* the facts are in the order of the components; some components have none */
                if (!facts || !streq(facts->digest, component->digest))
                        facts = NULL;
                else
                        at++;
                if (facts && image_others_add(facts, arena, &component->platforms) < 0)
                        r = error_oom(err);
        }
        return r;
}

int images_read_release(Store *store, const char *id, Arena *arena, Release *ret, Error *err)
{
        int r = store_release(store, id, arena, ret, err);

        if (r <= 0)
                return r;
        r = add_others(store, &ret->components, arena, err);
        return r < 0 ? r : 1;
}
