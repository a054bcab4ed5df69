/* The releases of a stream: those that it made, and those of the replay. */

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/vec.h"
#include "plan/replay.h"

#define KEY_MAX ((size_t)16 * 1024 * 1024) /* bytes of the text that a key is made of */

const char *replay_result_to_string(ReplayResult result)
{
        static const char *const names[REPLAY_RESULT_MAX_] = {
                [REPLAY_SAME] = "same",
                [REPLAY_NEW] = "new",
                [REPLAY_MISSING] = "missing",
                [REPLAY_UNKNOWN] = "unknown",
        };

        return names[result];
}

/* --- streams ---------------------------------------------------------------------------------- */

ReplayStream *replay_add_stream(Replay *replay, const StreamSpec *spec)
{
        ReplayStream *stream;

        if (vec_reserve(&replay->streams, &replay->streams_capacity, replay->n_streams + 1,
                        sizeof(*stream)) < 0)
                return NULL;
        stream = &replay->streams[replay->n_streams++];
        *stream = (ReplayStream){ .id = spec->object.id.text,
                                  .tenant = spec->object.meta.tenant,
                                  .name = spec->object.meta.name,
                                  .settle = spec->settle,
                                  .same_version = spec->same_version,
                                  .settle_at = USEC_INFINITY };
        return stream;
}

static int add_part(ReplayStream *stream, const ReplayPart *part)
{
        if (vec_reserve(&stream->parts, &stream->parts_capacity, stream->n_parts + 1,
                        sizeof(*stream->parts)) < 0 ||
            map_put(&stream->by_id, part->id, (void *)(stream->n_parts + 1), NULL) < 0)
                return -ENOMEM;
        stream->parts[stream->n_parts++] = *part;
        return 0;
}

int replay_add_part(Replay *replay, ReplayStream *stream, ReplayComponent *component,
                    const char *channel)
{
        const Object *object = &component->spec->object;
        ReplayPick *picks = realloc(stream->picks, (stream->n_wanted + 1) * sizeof(*picks));

        if (!picks)
                return -ENOMEM;
        stream->picks = picks;
        picks[stream->n_wanted++] = (ReplayPick){ 0 };
        if (add_part(stream, &(ReplayPart){ .id = object->id.text,
                                            .name = object->meta.name,
                                            .component = component,
                                            .channel = channel }) < 0 ||
            vec_reserve(&component->streams, &component->streams_capacity, component->n_streams + 1,
                        sizeof(*component->streams)) < 0)
                return -ENOMEM;
        component->streams[component->n_streams++] = (uint32_t)(stream - replay->streams);
        return 0;
}

/* --- releases --------------------------------------------------------------------------------- */

/* Makes the digest of a set, in which a digest that is not recorded equals no other. */
static int set_key(const ReplayStream *stream, const ReplayPick *picks, size_t n, size_t number,
                   ReplayRelease *release)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, KEY_MAX);
        for (size_t i = 0; i < n; i++) {
                if (!picks[i].digest && !picks[i].tag)
                        continue;
                release->is_unknown = release->is_unknown || !picks[i].digest;
                (void)buffer_printf(&text, "%s %s\n", stream->parts[i].id,
                                    picks[i].digest ? picks[i].digest : "");
        }
        if (release->is_unknown)
                (void)buffer_printf(&text, "%zu", number);
        if (text.failed)
                return -ENOMEM;
        digest_sha256(text.data, text.size, release->key);
        return 0;
}

static bool same_pick(const ReplayPick *a, const ReplayPick *b)
{
        return str_equal(a->digest, b->digest) && str_equal(a->tag, b->tag);
}

/* Makes room for the picks of parts that were added since the last release. */
static int grow_now(ReplayReleases *releases, size_t n)
{
        size_t before = releases->now_capacity;

        if (vec_reserve(&releases->now, &releases->now_capacity, n, sizeof(ReplayPick)) < 0)
                return -ENOMEM;
        for (size_t i = before; i < releases->now_capacity; i++)
                releases->now[i] = (ReplayPick){ 0 };
        return 0;
}

/* Stores what differs from the release before. */
static int set_changes(Replay *replay, ReplayReleases *to, const ReplayPick *picks, size_t n,
                       ReplayRelease *release)
{
        size_t n_changes = 0;

        for (size_t i = 0; i < n; i++)
                n_changes += !same_pick(&picks[i], &to->now[i]);
        release->changes = arena_alloc_array(replay->arena, n_changes + 1, sizeof(ReplayPartPick));
        if (!release->changes)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (!same_pick(&picks[i], &to->now[i])) {
                        release->changes[release->n_changes++] =
                                (ReplayPartPick){ (uint32_t)i, picks[i] };
                        to->now[i] = picks[i];
                }
        return 0;
}

/* Appends a release. picks: one for each part of the stream. */
static int append(Replay *replay, ReplayStream *stream, ReplayReleases *to,
                  const ReplayRelease *from, const ReplayPick *picks)
{
        ReplayRelease release = *from;
        size_t n = stream->n_parts;

        if (to->n >= REPLAY_RELEASES_MAX)
                return -E2BIG;
        if (vec_reserve(&to->items, &to->capacity, to->n + 1, sizeof(release)) < 0 ||
            grow_now(to, n) < 0 || set_key(stream, picks, n, to->n, &release) < 0 ||
            set_changes(replay, to, picks, n, &release) < 0)
                return -ENOMEM;
        to->items[to->n++] = release;
        return 0;
}

int replay_releases_add(Replay *replay, ReplayStream *stream, usec_t at)
{
        const ReplayRelease release = { .at = at };
        ReplayPick *all = calloc(stream->n_parts + 1, sizeof(*all));
        int r = -ENOMEM;

        if (all && stream->n_wanted > 0)
                memcpy(all, stream->picks, stream->n_wanted * sizeof(*all));
        if (all)
                r = append(replay, stream, &stream->replayed, &release, all);
        free(all);
        return r;
}

int replay_releases_begin(ReplayStream *stream)
{
        ReplayReleases *replayed = &stream->replayed;
        const ReplayRelease *base = stream->made.items;

        if (!stream->made.has_base)
                return 0;
        if (vec_reserve(&replayed->items, &replayed->capacity, 1, sizeof(*base)) < 0 ||
            grow_now(replayed, stream->n_parts) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < base->n_changes; i++)
                replayed->now[base->changes[i].part] = base->changes[i].pick;
        replayed->items[replayed->n++] = *base;
        return 0;
}

/* Returns the position of a component of a release. Adds a part that the documents do not have. */
static int part_of(Replay *replay, ReplayStream *stream, const ReleaseComponent *component,
                   size_t *ret)
{
        uintptr_t known = (uintptr_t)map_get(&stream->by_id, component->component_id);
        ReplayPart part;

        *ret = known > 0 ? known - 1 : stream->n_parts;
        if (known > 0)
                return 0;
        part = (ReplayPart){ .id = arena_strdup(replay->arena, component->component_id),
                             .name = arena_strdup(replay->arena, component->component_name) };
        return part.id && part.name ? add_part(stream, &part) : -ENOMEM;
}

static const char *keep(Arena *arena, const char *text)
{
        return text ? arena_strdup(arena, text) : NULL;
}

/* Returns the text of a pick, from the release before if it has the same one. */
static ReplayPick pick_of(Arena *arena, const ReleaseComponent *component, const ReplayPick *before)
{
        if (before && str_equal(before->digest, component->digest) &&
            str_equal(before->tag, component->tag))
                return *before;
        return (ReplayPick){ .digest = keep(arena, component->digest),
                             .tag = keep(arena, component->tag),
                             .version = keep(arena, component->semver) };
}

int replay_add_release(Replay *replay, ReplayStream *stream, const Release *release)
{
        ReplayReleases *made = &stream->made;
        const ReplayRelease item = { .at = release->created_at,
                                     .name = arena_strdup(replay->arena, release->name) };
        size_t n = release->components.n, *at = calloc(n + 1, sizeof(*at));
        ReplayPick *picks = NULL;
        int r = item.name && at ? 0 : -ENOMEM;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = part_of(replay, stream, &release->components.items[i], &at[i]);
        if (r >= 0)
                picks = calloc(stream->n_parts + 1, sizeof(*picks));
        if (!picks)
                r = -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                picks[at[i]] = pick_of(replay->arena, &release->components.items[i],
                                       at[i] < made->now_capacity ? &made->now[at[i]] : NULL);
        if (r >= 0 && replay->arena->failed)
                r = -ENOMEM;
        if (r >= 0)
                r = append(replay, stream, made, &item, picks);
        free(at);
        free(picks);
        if (r >= 0 && made->n == 1)
                made->has_base = release->created_at < replay->since;
        return r;
}
