/* Compares the releases of a replay with those that were made. Both are in the order of time, and a
 * set of digests may come again. The longest common subsequence says which releases are the same.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "plan/replay.h"

/* The releases of one stream. */
typedef struct Comparison {
        Replay *replay;
        const ReplayStream *stream;
        const ReplayRelease *made, *replayed; /* without the last release before the replay */
        size_t n_made, n_replayed;
        /* lengths of the longest common subsequences of the rests: [n_made + 1][n_replayed + 1] */
        uint16_t *lengths;
        ReplayPick *now_made, *now_replayed; /* one for each part */
} Comparison;

static void comparison_done(Comparison *comparison)
{
        free(comparison->lengths);
        free(comparison->now_made);
        free(comparison->now_replayed);
}

static uint16_t *length_at(const Comparison *comparison, size_t made, size_t replayed)
{
        return &comparison->lengths[made * (comparison->n_replayed + 1) + replayed];
}

static bool is_same(const Comparison *comparison, size_t made, size_t replayed)
{
        const char *a = comparison->made[made].key, *b = comparison->replayed[replayed].key;

        /* the first characters differ mostly; this is called a million times */
        return a[sizeof("sha256:")] == b[sizeof("sha256:")] && streq(a, b);
}

static void find_lengths(const Comparison *comparison)
{
        for (size_t i = comparison->n_made; i-- > 0;)
                for (size_t j = comparison->n_replayed; j-- > 0;) {
                        uint16_t a = *length_at(comparison, i + 1, j),
                                 b = *length_at(comparison, i, j + 1);

                        *length_at(comparison, i, j) =
                                is_same(comparison, i, j)
                                        ? (uint16_t)(*length_at(comparison, i + 1, j + 1) + 1U)
                                        : MAX(a, b);
                }
}

/* --- differences ------------------------------------------------------------------------------ */

static void apply(ReplayPick *now, const ReplayRelease *release)
{
        for (size_t i = 0; i < release->n_changes; i++)
                now[release->changes[i].part] = release->changes[i].pick;
}

static bool differs(const Comparison *comparison, size_t part)
{
        const ReplayPick *made = &comparison->now_made[part],
                         *replayed = &comparison->now_replayed[part];

        if (!replayed->digest && replayed->tag)
                return true;
        return !str_equal(made->digest, replayed->digest);
}

static int add_differences(const Comparison *comparison, ReplayEntry *entry)
{
        size_t n = 0;

        for (size_t i = 0; i < comparison->stream->n_parts; i++)
                n += differs(comparison, i);
        entry->differences =
                arena_alloc_array(comparison->replay->arena, n + 1, sizeof(*entry->differences));
        if (!entry->differences)
                return -ENOMEM;
        for (size_t i = 0; i < comparison->stream->n_parts; i++)
                if (differs(comparison, i))
                        entry->differences[entry->n_differences++] =
                                (ReplayDifference){ comparison->stream->parts[i].name,
                                                    comparison->now_made[i],
                                                    comparison->now_replayed[i] };
        return 0;
}

static int add_entry(const Comparison *comparison, const ReplayRelease *made,
                     const ReplayRelease *replayed)
{
        Replay *replay = comparison->replay;
        ReplayEntry *entry;

        if (vec_reserve(&replay->entries, &replay->entries_capacity, replay->n_entries + 1,
                        sizeof(*entry)) < 0)
                return -ENOMEM;
        entry = &replay->entries[replay->n_entries++];
        *entry = (ReplayEntry){ .result = made && replayed                   ? REPLAY_SAME
                                          : made                             ? REPLAY_MISSING
                                          : replayed && replayed->is_unknown ? REPLAY_UNKNOWN
                                                                             : REPLAY_NEW,
                                .stream = comparison->stream,
                                .at = replayed ? replayed->at : 0,
                                .made_at = made ? made->at : 0,
                                .release = made ? made->name : NULL };
        if (made)
                apply(comparison->now_made, made);
        if (replayed)
                apply(comparison->now_replayed, replayed);
        return made && replayed ? 0 : add_differences(comparison, entry);
}

/* Adds the entries of a stream in the order of both lists. Between two releases that are the same,
 * the others are in the order of time. */
static int add_entries(const Comparison *comparison)
{
        size_t i = 0, j = 0;
        int r = 0;

        while ((i < comparison->n_made || j < comparison->n_replayed) && r >= 0) {
                const ReplayRelease *made = i < comparison->n_made ? &comparison->made[i] : NULL;
                const ReplayRelease *replayed =
                        j < comparison->n_replayed ? &comparison->replayed[j] : NULL;

                if (made && replayed && is_same(comparison, i, j)) {
                        r = add_entry(comparison, made, replayed);
                        i++;
                        j++;
                        continue;
                }
                /* one of both must be skipped to reach the longest common rest */
                if (made && replayed) {
                        uint16_t a = *length_at(comparison, i + 1, j),
                                 b = *length_at(comparison, i, j + 1);

                        if (a > b || (a == b && made->at < replayed->at))
                                replayed = NULL;
                        else
                                made = NULL;
                }
                r = add_entry(comparison, made, replayed);
                i += made != NULL;
                j += replayed != NULL;
        }
        return r;
}

static int compare_stream(Replay *replay, const ReplayStream *stream)
{
        const ReplayReleases *made = &stream->made, *replayed = &stream->replayed;
        size_t base = made->has_base;
        _cleanup_(comparison_done) Comparison comparison = {
                .replay = replay,
                .stream = stream,
                .made = made->items + base,
                .n_made = made->n - base,
                .replayed = replayed->items + base,
                .n_replayed = replayed->n - MIN(base, replayed->n),
                .now_made = calloc(stream->n_parts + 1, sizeof(ReplayPick)),
                .now_replayed = calloc(stream->n_parts + 1, sizeof(ReplayPick)),
        };

        comparison.lengths = calloc((comparison.n_made + 1) * (comparison.n_replayed + 1),
                                    sizeof(*comparison.lengths));
        if (!comparison.lengths || !comparison.now_made || !comparison.now_replayed)
                return -ENOMEM;
        if (base) {
                apply(comparison.now_made, &made->items[0]);
                apply(comparison.now_replayed, &made->items[0]);
        }
        find_lengths(&comparison);
        return add_entries(&comparison);
}

int replay_compare(Replay *replay, usec_t until)
{
        while (replay->at < replay->n_streams) {
                if (compare_stream(replay, &replay->streams[replay->at++]) < 0)
                        return -ENOMEM;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
