/* Reads stored facts for a release task, with one SQL statement for many components. */

#include <errno.h>

#include "compose/release-task.h"
#include "store/facts.h"

static int keys_init(FactKeys *keys, size_t n, Arena *arena)
{
        *keys = (FactKeys){ .items = arena_alloc_array(arena, n + 1, sizeof(*keys->items)),
                            .n = n };
        if (!keys->items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                keys->items[i] = (FactKey){ 0 };
        return 0;
}

const ReleaseComponent *release_task_published(const ReleaseTask *task, const char *component_id)
{
        return task->is_published
                       ? release_component_find(&task->published.components, component_id)
                       : NULL;
}

/* True if the part needs heads. A release of a stream needs the heads of its channels. */
static bool wants_channels(const Part *part)
{
        return part->want->type == WANT_HEAD ||
               (part->want->type == WANT_DIGEST &&
                part->task->draft->managed_by == MANAGED_BY_STREAM);
}

/* Returns the digest for which the version is read. Returns NULL if the component does not need the
 * version of a single digest. */
static const char *wanted_digest(const Part *part)
{
        switch (part->want->type) {
        case WANT_TAG: return part->has_tag ? part->tag.digest : NULL;
        case WANT_DIGEST: return part->want->value;
        case WANT_HEAD:
        case WANT_VERSION: break;
        }
        return NULL;
}

static void add_wanted(const Part *part, FactKey *channels, FactKey *version)
{
        const char *id = part->want->component->object.id.text;

        if (part->problem || release_task_published(part->task, id))
                return;
        version->name = wanted_digest(part);
        version->component_id = version->name ? id : NULL;
        channels->component_id = wants_channels(part) ? id : NULL;
}

/* Reads all versions of a component, to compare them with a range. Reads one component at a time,
 * because the number of versions has no limit. */
static int read_all_versions(Part *part, Error *err)
{
        const char *id = part->want->component->object.id.text;
        const VersionFilter all = { 0 };

        if (part->problem || part->want->type != WANT_VERSION ||
            release_task_published(part->task, id))
                return 0;
        return store_versions(task_control(part->task)->store, id, &all, &part->task->arena,
                              &part->versions, err);
}

int release_task_read_wants(ReleaseTask *task, Error *err)
{
        Store *store = task_control(task)->store;
        FactKeys channel_keys, version_keys;
        VersionMaps *versions = NULL;
        Channels *channels;
        int r;

        if (keys_init(&channel_keys, task->wants.n, &task->arena) < 0 ||
            keys_init(&version_keys, task->wants.n, &task->arena) < 0)
                return error_oom(err);
        for (size_t i = 0; i < task->wants.n; i++)
                add_wanted(&task->parts[i], &channel_keys.items[i], &version_keys.items[i]);
        r = store_facts_channels(store, &channel_keys, &task->arena, &channels, err);
        if (r >= 0)
                r = store_facts_versions(store, &version_keys, &task->arena, &versions, err);
        for (size_t i = 0; i < task->wants.n && r >= 0; i++) {
                task->parts[i].channels = channels[i];
                task->parts[i].versions = versions[i];
                r = read_all_versions(&task->parts[i], err);
        }
        return r;
}

int release_task_read_manifests(ReleaseTask *task, Error *err)
{
        Manifests *manifests;
        FactKeys keys;
        int r;

        if (keys_init(&keys, task->wants.n, &task->arena) < 0)
                return error_oom(err);
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];

                if (!part->problem && part->picked.digest)
                        keys.items[i] = (FactKey){ part->want->component->object.id.text,
                                                   part->picked.digest };
        }
        r = store_facts_manifests(task_control(task)->store, &keys, &task->arena, &manifests, err);
        for (size_t i = 0; i < task->wants.n && r >= 0; i++)
                task->parts[i].stored = manifests[i].n > 0 ? manifests[i].items : NULL;
        return r;
}

bool part_names_tag(const Part *part)
{
        return part->want->type == WANT_TAG && !part->task->is_published && !part->problem &&
               !part->picked.reason && part->picked.digest;
}

int release_task_read_guarded(ReleaseTask *task, Error *err)
{
        Store *store = task_control(task)->store;
        ReleasedTags *released = NULL;
        TagMoves *moves = NULL;
        Channels *channels = NULL;
        FactKeys keys;
        int r;

        if (keys_init(&keys, task->wants.n, &task->arena) < 0)
                return error_oom(err);
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];

                if (part_names_tag(part))
                        keys.items[i] = (FactKey){ part->want->component->object.id.text,
                                                   part->picked.tag };
        }
        r = store_facts_tag_moves(store, &keys, &task->arena, &moves, err);
        if (r >= 0)
                r = store_facts_released_tags(store, &keys, &task->arena, &released, err);
        if (r >= 0)
                r = store_facts_channels(store, &keys, &task->arena, &channels, err);
        for (size_t i = 0; i < task->wants.n && r >= 0; i++) {
                if (!keys.items[i].component_id)
                        continue;
                task->parts[i].guarded =
                        (TagGuardRows){ .moves = moves[i], .released = released[i] };
                task->parts[i].channels = channels[i];
        }
        return r;
}
