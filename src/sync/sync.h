#pragma once

/* One pass of one component, in the stages of sync-run.h:
 *
 *   LIST --unchanged--> RESOLVE --nothing moved--> DRIFT, LIVE_END; nothing is written
 *    |                    |  tags of heads, then of live releases, and due tags
 *    | changed            | one moved
 *    v                    v
 *   TAGS to LATE <--------+     the set of all tags, and their versions
 *    |
 *    v
 *   RESOLVE, ROWS               digests of new tags and heads; their rows, in chunks
 *    |
 *    v
 *   EVALUATE to FETCH           manifests, where platforms or build times decide
 *    |
 *    v
 *   PLAN, WRITE                 rows of the version map, one chunk a turn of the loop
 *    |
 *    v
 *   FINISH                      one transaction: the other rows, heads, conditions, events and the
 *    |                          sync state
 *    v
 *   LIVE --a tag changed--> RESOLVE, and again until FINISH, which includes DRIFT
 *    |                          digests of tags of live releases, and of due tags
 *    v
 *   DRIFT, LIVE_END             live digests that are no longer those of their tags
 *
 * If a stored tag moved, or a move waits for a permission, RESOLVE requests the tags of live
 * releases, too, and DRIFT comes before PLAN.
 *
 * Watched tags head a channel, belong to a live release, or are due. Each chunk is valid alone: if
 * a pass is cut short, the next one continues from the stored tags. If the rules are too slow, the
 * pass continues as with an unchanged list, and fails at the end.
 *
 * A pass with many digests to request goes through RESOLVE to FINISH in rounds: first the tags that
 * decide the heads, then the others in the background (sync-order.c). */

#include "sync/pass.h"

/* --- stages, in their order: see sync-run.h ----------------------------------------------------
 */

/* sync-list.c: requests the list of tags, and waits for it. */
int sync_list(Sync *sync, ListQuestion question, Error *err);
int sync_wait_for_list(Sync *sync, usec_t until, Error *err);

/* sync-tags.c: builds sync->tags from the list; without a list, from known tags. With sync->gave_up
 * there are no tags. */
int sync_begin_tags(Sync *sync, usec_t until, Error *err);
int sync_add_known(Sync *sync, usec_t until, Error *err);
int sync_add_listed(Sync *sync, usec_t until, Error *err);
int sync_apply_rules(Sync *sync, usec_t until, Error *err);
int sync_limit_tags(Sync *sync, usec_t until, Error *err);
int sync_take_listed(Sync *sync, usec_t until, Error *err);

/* sync-resolve.c: digests. */
int sync_take_late(Sync *sync, usec_t until, Error *err);
int sync_resolve(Sync *sync, usec_t until, Error *err);
int sync_resolve_live(Sync *sync, usec_t until, Error *err);

/* sync-order.c, sync-history.c: decide whether there are rounds. */
int sync_count_pending(Sync *sync, usec_t until, Error *err);
int sync_find_history(Sync *sync, usec_t until, Error *err);
int sync_first_heads(Sync *sync, usec_t until, Error *err);
int sync_sort_rest(Sync *sync, usec_t until, Error *err);
int sync_more_heads(Sync *sync, usec_t until, Error *err);

/* sync-round.c: rounds in the background. */
int sync_begin_round(Sync *sync, usec_t until, Error *err);
int sync_write_round_rows(Sync *sync, usec_t until, Error *err);
int sync_take_place(Sync *sync, usec_t until, Error *err);

/* sync-inspect.c: evaluates tags, and requests the manifests that decide. */
int sync_read_guard(Sync *sync, usec_t until, Error *err);
int sync_evaluate(Sync *sync, usec_t until, Error *err);
int sync_find_wanted(Sync *sync, usec_t until, Error *err);
int sync_fetch_wanted(Sync *sync, usec_t until, Error *err);

/* sync-drift.c: checks the digests of live releases. */
int sync_begin_drift(Sync *sync, usec_t until, Error *err);
int sync_compare_drift(Sync *sync, usec_t until, Error *err);

/* sync-write.c, sync-versions.c: rows. */
int sync_write_rows(Sync *sync, usec_t until, Error *err);
int sync_plan_versions(Sync *sync, usec_t until, Error *err);
/* writes all versions but the last chunk */
int sync_write_versions(Sync *sync, usec_t until, Error *err);

/* sync-finish.c: the last transaction. */
int sync_survey(Sync *sync, usec_t until, Error *err);
int sync_finish(Sync *sync, usec_t until, Error *err);
/* the last stage of a pass without tags, or whose heads are committed: writes only what is new */
int sync_finish_live(Sync *sync, usec_t until, Error *err);

/* --- parts of stages -------------------------------------------------------------------------- */

/* sync-order.c */
const char *sync_next_tag(Sync *sync); /* the next tag of the round to request; NULL at its end */
/* The next watched tag to request; NULL at the end. The list may lack it: a release may hold its
 * digest. */
const char *sync_next_watched(Sync *sync);
/* true if more digests are to be requested in the background */
bool sync_has_rest(const Sync *sync);

/* sync-history.c */
/* true if the first list had the tag */
bool sync_is_history(const Sync *sync, const TagState *state);
/* True if the event versions.resolved reports the version of a tag, together with others. False: a
 * separate event version.resolved reports it. */
bool sync_is_quiet(const Sync *sync, const TagState *state);
/* true if this round resolves the last tags of the first list */
bool sync_ends_history(const Sync *sync);
void sync_tell_progress(Sync *sync);
void sync_tell_history(Sync *sync); /* adds the event of a round that has ended */

/* sync-calls.c */
SyncCall *sync_free_call(Sync *sync); /* NULL: all places are taken */
/* Marks the call as answered, so that it can be used for another request. error: NULL if it
 * succeeded. Returns false if the registry has failed, not only this tag: the pass then ends with
 * that error. */
bool sync_take_back(SyncCall *call, const Error *error);

/* sync-end.c: called by sync-run.c as its last step. Both may free the pass. */
void sync_end(Sync *sync, const Error *error); /* NULL: it succeeded */
void sync_leave(Sync *sync); /* the heads are committed; the pass continues in the background */

/* sync-drift-report.c: adds the drift to the changes. Drift that was reported is not reported
 * again. */
int sync_tell_drift(Sync *sync, Error *err);
/* Warns of a live digest that only a mirror serves. sync_warn_of_mirror() returns true if there is
 * such a digest. sync_tell_mirror() is for a pass that keeps other warnings. */
bool sync_warn_of_mirror(Sync *sync);
/* Returns 1 if that warning is stored and the live digests are not checked yet. */
int sync_keeps_mirror_warning(Sync *sync, Error *err);
int sync_tell_mirror(Sync *sync, Error *err);

/* sync-platforms.c: writes the condition PlatformMismatch. Must be called after the facts that this
 * pass has read are stored. */
int sync_tell_platforms(Sync *sync, Error *err);

/* sync-flips.c: returns 1 if the answer about a tag must not be believed yet. */
int sync_is_flip(Sync *sync, const TagRecord *known, const char *digest, Error *err);
void sync_tell_flips(Sync *sync);

/* sync-notes.c: keeps a message about the changes. The message is logged after their commit, and
 * dropped if the commit fails. */
void sync_note(Sync *sync, LogLevel level, const char *format, ...) _printf_(3, 4);
/* Called after the commit: logs and counts. sync_notes_drop() is called instead after a failure. */
void sync_committed(Sync *sync);
void sync_notes_drop(Sync *sync);

/* sync-write.c */
/* both apply the changes when a chunk is full */
int sync_write_tag(Sync *sync, TagState *state, Error *err);
int sync_keep_manifest(Sync *sync, const Manifest *manifest, Error *err);
/* Notes facts of images that were read. */
void sync_note_configs(Sync *sync, const ImageFactList *facts);
int sync_flush(Sync *sync, Error *err);

/* sync-changed.c: sets `change` of each pair. Images whose facts are not known are
 * IMAGE_CHANGE_UNKNOWN. */
void sync_compare_images(Sync *sync, ImagePair *pairs, size_t n);
/* Notes the move of a tag, whose event is added with the next rows. The manifest of the new digest
 * is read later. Returns 0 or -ENOMEM. */
int sync_note_moved(Sync *sync, const TagState *state);
/* Adds the events of the noted moves to the changes. */
void sync_report_moved(Sync *sync);
bool sync_chunk_is_full(const Sync *sync);
/* true for the first sync of the component, by the stored facts */
bool sync_is_first(const Sync *sync);

/* sync-stop.c: stores the answers that have arrived, before a pass ends early. Logs a failure. */
void sync_keep_answers(Sync *sync);

/* sync-versions.c */
void sync_forget_versions(Sync *sync); /* drops the plan of a round that has ended */
