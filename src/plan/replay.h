#pragma once

/* Finds the releases that streams would have made from the recorded tags by other rules. Pure.
 *
 * The caller adds components with their tags, the recorded digests of each tag, and streams with
 * the releases that they made. replay_step() applies the digests in the order of time and evaluates
 * the streams. replay_compare() compares the result with the releases that were made.
 * Promotions, gates and the removal of tags are not part of a replay. */

#include "model/environment.h"
#include "plan/replay-component.h"

/* The image of a component in a release. All NULL: the release does not have it. */
typedef struct ReplayPick {
        const char *digest; /* NULL, but a tag: the digest is not recorded */
        const char *tag, *version;
        bool is_unchecked; /* as in ReplayPoint */
} ReplayPick;

/* A component of a stream, now or in a release that the stream made. */
typedef struct ReplayPart {
        const char *id, *name;
        ReplayComponent *component; /* NULL: the stream does not have it by the new documents */
        const char *channel;
} ReplayPart;

typedef struct ReplayPartPick {
        uint32_t part;
        ReplayPick pick;
} ReplayPartPick;

typedef struct ReplayRelease {
        usec_t at;
        const char *name;        /* NULL: a release that was not made */
        ReplayPartPick *changes; /* what differs from the release before */
        size_t n_changes;
        bool is_unknown;           /* a digest is not recorded */
        char key[DIGEST_SIZE_MAX]; /* digest of the set of digests */
} ReplayRelease;

/* The releases of a stream in their order. */
typedef struct ReplayReleases {
        ReplayRelease *items; /* malloc()ed */
        size_t n, capacity;
        ReplayPick *now; /* malloc()ed: the picks of the last release, one for each part */
        size_t now_capacity;
        bool has_base; /* the first item is the last release before the replay */
} ReplayReleases;

typedef struct ReplayStream {
        const char *id, *tenant, *name;
        usec_t settle;
        bool same_version;
        ReplayPart *parts; /* malloc()ed; those of the documents first */
        size_t n_parts, parts_capacity, n_wanted;
        Map by_id; /* component id -> index in parts, plus 1 */
        ReplayReleases made, replayed;
        ReplayPick *picks; /* malloc()ed: the present heads of the first n_wanted parts */
        usec_t changed_at, pending_since, settle_at; /* settle_at USEC_INFINITY: nothing waits */
} ReplayStream;

typedef enum ReplayResult {
        REPLAY_SAME,    /* the release was made, and would have been made */
        REPLAY_NEW,     /* the release would have been made */
        REPLAY_MISSING, /* the release was made, and would not have been made */
        REPLAY_UNKNOWN, /* a release would have been made, but one of its digests is not recorded */
        REPLAY_RESULT_MAX_,
} ReplayResult;
const char *replay_result_to_string(ReplayResult result);

/* A component that differs between the newest release that was made at that time, and the newest
 * one that would have been made. */
typedef struct ReplayDifference {
        const char *component;
        ReplayPick made, replayed;
} ReplayDifference;

typedef struct ReplayEntry {
        ReplayResult result;
        const ReplayStream *stream;
        usec_t at;                     /* when it would have been made; 0: never */
        usec_t made_at;                /* when it was made; 0: never */
        const char *release;           /* its name; NULL: it was not made */
        ReplayDifference *differences; /* empty for REPLAY_SAME */
        size_t n_differences;
} ReplayEntry;

struct Replay {
        Arena *arena;                 /* all texts */
        usec_t since, until;          /* wall */
        ReplayComponent **components; /* malloc()ed */
        size_t n_components, components_capacity;
        ReplayStream *streams; /* malloc()ed; they do not move after the first step */
        size_t n_streams, streams_capacity;
        ReplayEntry *entries; /* malloc()ed: the result, by stream and time */
        size_t n_entries, entries_capacity;
        usec_t *next_at; /* malloc()ed: the time of the next step of each component; USEC_INFINITY:
                            there is none */
        size_t at;       /* the position in the present stage */
        unsigned stage;
        usec_t settle_at; /* the first of all streams */
};

void replay_init(Replay *replay, Arena *arena, usec_t since, usec_t until);
void replay_done(Replay *replay);
/* Returns the bytes outside of the arena. */
size_t replay_memory(const Replay *replay);

/* --- input ------------------------------------------------------------------------------------ */

/* Adds a stream without components. Returns NULL if memory ran out. The stream moves when another
 * one is added. */
ReplayStream *replay_add_stream(Replay *replay, const StreamSpec *spec);
/* Adds a component that the stream has by the new documents. */
int replay_add_part(Replay *replay, ReplayStream *stream, ReplayComponent *component,
                    const char *channel);
/* Adds a release that the stream made, in the order of sequences. At most one is older than the
 * replay. Returns -E2BIG beyond REPLAY_RELEASES_MAX releases. */
int replay_add_release(Replay *replay, ReplayStream *stream, const Release *release);

/* --- result ----------------------------------------------------------------------------------- */

/* Evaluates the streams at each step until the monotonic time `until`. Returns 1 if there is more
 * to do, 0 at the end. Sets *ret_full to the stream, and returns -E2BIG, beyond
 * REPLAY_RELEASES_MAX releases. */
int replay_step(Replay *replay, usec_t until, const ReplayStream **ret_full);
/* Fills replay->entries, a stream at a time. Works like replay_step(). */
int replay_compare(Replay *replay, usec_t until);

/* replay-releases.c: begins the replayed releases with the last release before the replay. */
int replay_releases_begin(ReplayStream *stream);
/* Appends a release of the present picks to the replayed ones. */
int replay_releases_add(Replay *replay, ReplayStream *stream, usec_t at);
