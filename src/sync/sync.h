#pragma once

/* One pass of one component: list, resolve, write.
 *
 * If the rules turn out to be too slow, the pass continues as with an unchanged list, and fails at
 * the end.
 *
 *   LIST --unchanged--> WATCH --nothing moved--> DRIFT, done; nothing is written
 *    |                    |
 *    | changed            | a watched tag moved
 *    v                    v
 *   RESOLVE <-------------+     digests of new, watched and due tags; rows of tags written in
 * chunks
 *    |
 *    v
 *   INSPECT                     manifests, where platforms or build times decide
 *    |
 *    v
 *   DRIFT                       what live releases hold that their tags do not lead to
 *    |
 *    v
 *   VERSIONS                    rows of the version map, in chunks, one a turn of the loop
 *    |
 *    v
 *   FINISH                      the rows that are left, heads, conditions, events and the sync
 *                               state in one transaction, last
 *
 * Watched tags head a channel or stand in a live release. Every chunk is valid alone: a pass that
 * is cut short leaves tags that are known, and the next one goes on from there.
 *
 * A pass with many digests to request goes through RESOLVE to FINISH in rounds: first what decides
 * the heads, then the rest in the background (sync-order.c). */

#include "sync/pass.h"

typedef int (*SyncStep)(Sync *sync, Error *err);
typedef void (*SyncThen)(Sync *sync);

/* sync-tags.c: builds sync->tags, by the list (NULL: by what is known). What the loop has no time
 * for now is done in later turns, and then calls sync->built(). With sync->gave_up there are no
 * tags. */
int sync_build_tags(Sync *sync, const TagList *list, Error *err);

/* sync-slices.c: does the first step at once, and one more in each turn of the loop while it
 * returns 1; then calls then(). The sync may have ended when it returns. */
void sync_slices(Sync *sync, SyncStep step, SyncThen then);

/* sync-order.c: decides whether there are rounds, once the tags are built. */
int sync_order(Sync *sync, Error *err);
/* The next tag of the round to request. NULL at its end. */
const char *sync_next_tag(Sync *sync);
/* Returns 1 if the heads need another round, now that the tags were evaluated. */
int sync_more_heads(Sync *sync, Error *err);
/* Prepares a round, then calls then(). The sync may have ended when it returns. */
void sync_begin_round(Sync *sync, SyncThen then);
/* True if more is to be requested in the background. */
bool sync_has_rest(const Sync *sync);

/* sync-history.c */
bool sync_is_history(const Sync *sync, const TagState *state); /* the first list had it */
/* True if versions.resolved reports the version of a tag, instead of version.resolved. */
bool sync_is_quiet(const Sync *sync, const TagState *state);
int sync_read_history(Sync *sync, Error *err);
void sync_find_history(Sync *sync); /* after the tags were counted */
void sync_tell_progress(Sync *sync);
void sync_tell_history(Sync *sync); /* of a round that has ended */

/* sync-calls.c */
SyncCall *sync_free_call(Sync *sync);        /* NULL: all places are taken */
bool sync_is_of_the_tag(const Error *error); /* else the registry has failed */

/* sync-end.c: error NULL: it went well; frees it. */
void sync_end(Sync *sync, const Error *error);
/* The heads are committed, and the pass goes on in the background. False if it was freed. */
bool sync_leave(Sync *sync);

/* sync-inspect.c: calls then() when all manifests that decide are known; may end the sync. */
void sync_inspect(Sync *sync, SyncThen then);

/* sync-drift.c: calls then() when all live digests are compared; may end the sync. */
void sync_drift(Sync *sync, SyncThen then);

/* sync-drift-report.c: as changes; what was reported is not reported again. */
int sync_tell_drift(Sync *sync, Error *err);
/* Warns of a live digest that only a mirror serves. sync_warn_of_mirror() returns true if there is
 * one. sync_tell_mirror() is for a pass that leaves other warnings as they are. */
bool sync_warn_of_mirror(Sync *sync);
int sync_tell_mirror(Sync *sync, Error *err);

/* sync-flips.c: 1 if what a tag is said to lead to must not be believed yet. */
int sync_is_flip(Sync *sync, const TagRecord *known, const char *digest, Error *err);
void sync_tell_flips(Sync *sync);

/* sync-notes.c: a message about what the changes say. It is logged when they are committed, and
 * dropped if they are not. */
void sync_note(Sync *sync, LogLevel level, const char *format, ...) _printf_(3, 4);
/* The changes are committed, or they are not: then nothing of it is logged or counted. */
void sync_committed(Sync *sync);
void sync_notes_drop(Sync *sync);

/* sync-write.c */
int sync_write_tag(Sync *sync, TagState *state, Error *err); /* applies when a chunk is full */
int sync_keep_manifest(Sync *sync, const Manifest *manifest, Error *err); /* likewise */
int sync_flush(Sync *sync, Error *err);
bool sync_chunk_is_full(const Sync *sync);
bool sync_is_first(const Sync *sync); /* of the component, by what is stored */
/* Returns 1 while there is more to write; the last rows are left for sync_finish(). */
int sync_write_versions(Sync *sync, Error *err);

/* sync-versions.c: plans the rows of the version map. Returns 1 while there is more to do. */
int sync_plan_versions(Sync *sync, Error *err);
void sync_forget_versions(Sync *sync); /* the plan of a round that has ended */

/* sync-finish.c */
int sync_finish(Sync *sync, Error *err);
int sync_tell_success(Sync *sync, Error *err); /* of a warm pass: writes only what is new */
