/* Reports images that are for another platform than their index says: an index of such images was
 * put together wrongly, and machines pull an image that they cannot run. The facts of images
 * decide, which are known if their configuration was read. */

#include <errno.h>

#include "control/images.h"
#include "model/platform.h"
#include "store/events.h"
#include "sync/sync.h"

/* An image whose configuration contradicts its index. */
typedef struct Mismatch {
        const char *index; /* NULL: there is none */
        const PlatformDigest *listed;
        const char *configured;
} Mismatch;

static Store *store_of(const Sync *sync)
{
        return sync->component->poller->control->store;
}

/* --- evaluation ------------------------------------------------------------------------------- */

static const ImageFacts *find_facts(const StoredImage *image, const char *digest)
{
        const ImageFacts *facts = image_facts_find(&image->heads, digest);

        return facts ? facts : image_facts_find(image->images, digest);
}

/* Sets *ret to the first mismatch of an image. */
static void find_mismatch(const StoredImage *image, Mismatch *ret)
{
        const Manifest *manifest = image->manifest;

        for (size_t i = 0; manifest && i < manifest->platforms.n && !ret->index; i++) {
                const PlatformDigest *listed = &manifest->platforms.items[i];
                const ImageFacts *facts = find_facts(image, listed->digest);

                if (facts && facts->has_config && facts->platform &&
                    platform_contradicts(listed->platform, facts->platform))
                        *ret = (Mismatch){ manifest->digest, listed, facts->platform };
        }
}

/* Finds the first mismatch of the images of live releases and heads. */
static int find_first(Sync *sync, Mismatch *ret, Error *err)
{
        const char *id = sync->component->id.text;
        FactKeys keys = { 0 };
        StoredImage *images;
        Channels channels;
        int r;

        /* heads may have moved in this pass */
        r = store_channels(store_of(sync), id, &sync->arena, &channels, err);
        if (r < 0)
                return r;
        keys.items =
                arena_alloc_array(&sync->arena, sync->live.n + channels.n + 1, sizeof(*keys.items));
        if (!keys.items)
                return error_oom(err);
        for (size_t i = 0; i < sync->live.n; i++)
                keys.items[keys.n++] = (FactKey){ id, sync->live.items[i].digest };
        for (size_t i = 0; i < channels.n; i++)
                keys.items[keys.n++] = (FactKey){ id, channels.items[i].digest };
        r = images_read(store_of(sync), &keys, &sync->arena, &images, err);
        for (size_t i = 0; i < keys.n && r >= 0 && !ret->index; i++)
                find_mismatch(&images[i], ret);
        return r;
}

/* --- the condition ---------------------------------------------------------------------------- */

static int read_condition(ComponentState *component, Arena *arena, Error *err)
{
        Conditions conditions;
        int r;

        if (component->is_mismatch_known)
                return 0;
        r = store_conditions(component->poller->control->store, KIND_COMPONENT, component->id.text,
                             arena, &conditions, err);
        if (r < 0)
                return r;
        component->is_mismatch_known = true;
        component->has_mismatch = conditions_find(&conditions, CONDITION_PLATFORM_MISMATCH);
        return 0;
}

int sync_tell_platforms(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        const Told told = { CONDITION_PLATFORM_MISMATCH, CONDITION_TRUE, "PlatformMismatch",
                            time_wall() };
        Mismatch found = { 0 };
        int r = read_condition(component, &sync->arena, err);

        if (r < 0 || (!sync->has_configs && !component->has_mismatch))
                return r;
        sync->has_configs = false;
        r = find_first(sync, &found, err);
        if (r < 0)
                return r;
        if (found.index)
                report_condition(
                        &sync->changes, component->subject, told,
                        "index %s lists %s for %s, but that image is for %s: machines pull "
                        "an image that they cannot run; build it again for %s, and push "
                        "the index again",
                        found.index, found.listed->digest, found.listed->platform, found.configured,
                        found.listed->platform);
        else if (component->has_mismatch)
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_PLATFORM_MISMATCH);
        r = sync_flush(sync, err);
        if (r >= 0)
                component->has_mismatch = found.index != NULL;
        return r;
}
