/* Says what differs between the image that a tag had and the image that it has now. All facts come
 * from the database and from manifests that this pass has read; there is no request for them. */

#include <errno.h>

#include "base/log.h"
#include "control/images.h"
#include "model/tag-past.h"
#include "sync/sync.h"

#define CHANGED_MAX 20 /* pairs of images that are compared at once; the rest are unknown */

static int fill_image(Sync *sync, const StoredImage *stored, const char *digest, ChangedImage *ret)
{
        const Manifest *read = map_get(&sync->manifests, digest);
        const Manifest *manifest =
                read && (read->facts.n > 0 || !stored->manifest) ? read : stored->manifest;

        *ret = (ChangedImage){ .digest = digest };
        if (!manifest)
                return 0;
        ret->platforms = manifest->platforms;
        if (image_facts_append(&ret->facts, &manifest->facts, &sync->arena) < 0 ||
            image_facts_append(&ret->facts, &stored->heads, &sync->arena) < 0)
                return -ENOMEM;
        return image_facts_append(&ret->facts, stored->images, &sync->arena);
}

/* Reads the stored facts of the pairs. Each pair has two keys: the old digest, then the new one. */
static int read_stored(Sync *sync, const ImagePair *pairs, size_t n, StoredImage **ret, Error *err)
{
        const ComponentState *component = sync->component;
        FactKeys keys = { .items = arena_alloc_array(&sync->arena, 2 * n, sizeof(*keys.items)),
                          .n = 2 * n };

        if (!keys.items)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                keys.items[2 * i] = (FactKey){ component->id.text, pairs[i].from };
                keys.items[2 * i + 1] = (FactKey){ component->id.text, pairs[i].to };
        }
        return images_read(component->poller->control->store, &keys, &sync->arena, ret, err);
}

void sync_compare_images(Sync *sync, ImagePair *pairs, size_t n)
{
        _cleanup_(error_done) Error error = { 0 };
        StoredImage *stored = NULL;

        for (size_t i = 0; i < n; i++)
                pairs[i].change = IMAGE_CHANGE_UNKNOWN;
        n = MIN(n, (size_t)CHANGED_MAX);
        if (n == 0)
                return;
        if (read_stored(sync, pairs, n, &stored, &error) < 0) {
                log_warning("component '%s': what changed in its images is not known: %s",
                            sync->component->subject.name, error_message(&error));
                return;
        }
        for (size_t i = 0; i < n; i++) {
                ChangedImage from, to;

                if (fill_image(sync, &stored[2 * i], pairs[i].from, &from) >= 0 &&
                    fill_image(sync, &stored[2 * i + 1], pairs[i].to, &to) >= 0)
                        pairs[i].change = image_change(&from, &to);
        }
}

/* --- tags that moved -------------------------------------------------------------------------- */

int sync_note_moved(Sync *sync, const TagState *state)
{
        MovedTag *moved = arena_alloc(&sync->arena, sizeof(*moved));

        if (!moved)
                return -ENOMEM;
        *moved = (MovedTag){ .tag = arena_strdup(&sync->arena, state->tag),
                             .from = arena_strdup(&sync->arena, state->extra->moved_from),
                             .to = arena_strdup(&sync->arena, state->digest),
                             .since = state->extra->moved_from_at,
                             .until = state->changed_at };
        if (!moved->tag || !moved->from || !moved->to)
                return -ENOMEM;
        *(sync->moved_last ? &sync->moved_last->next : &sync->moved_first) = moved;
        sync->moved_last = moved;
        return 0;
}

/* Adds a move to the history of its tag, and its event. */
static void report_moved(Sync *sync, const MovedTag *moved, ImageChange change)
{
        ComponentState *component = sync->component;
        const TagPast past = { .tag = moved->tag,
                               .digest = moved->from,
                               .since = moved->since,
                               .until = moved->until,
                               .change = change };
        const char *const data[] = { "component",   component->subject.name,
                                     "componentId", component->id.text,
                                     "tag",         moved->tag,
                                     "fromDigest",  moved->from,
                                     "toDigest",    moved->to,
                                     "digest",      moved->to,
                                     "change",      image_change_to_string(change),
                                     NULL };

        changes_add_tag_history(&sync->changes, component->id.text, &past);
        report_event(&sync->changes, EVENT_TAG_MOVED, component->subject, time_wall(), data);
}

void sync_report_moved(Sync *sync)
{
        const MovedTag *moved = sync->moved_first;
        ImagePair pairs[CHANGED_MAX];
        size_t n = 0;

        for (const MovedTag *at = moved; at && n < CHANGED_MAX; at = at->next)
                pairs[n++] = (ImagePair){ .from = at->from, .to = at->to };
        sync_compare_images(sync, pairs, n);
        for (size_t i = 0; moved; moved = moved->next, i++)
                report_moved(sync, moved, i < n ? pairs[i].change : IMAGE_CHANGE_UNKNOWN);
        sync->moved_first = sync->moved_last = NULL;
}
