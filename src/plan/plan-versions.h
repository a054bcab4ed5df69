#pragma once

/* Plans the version map and channel heads from tags. Pure.
 *
 * The version map has one row for each digest. The row has the name of the most specific tag with a
 * version; an assigned version comes first.
 *
 * A head is the newest candidate of a channel and only moves forward. If the tag of the head was
 * deleted, the head stays and is reported as missing, unless the component allows downgrades. If
 * changed rules no longer make the tag a version, the head moves to another version. */

#include "base/arena.h"
#include "base/error.h"
#include "base/sort.h"
#include "plan/tag-survey.h"

/* The rows to write and delete, so that the stored rows match the tags. Each digest has one name:
 * the number of a tag in the set. */
typedef struct VersionPlan {
        uint32_t *names; /* number of a tag for each digest, with bits VERSION_NAME_... */
        size_t n_names, capacity;
        uint32_t *slots;     /* hash of the digest -> index + 1 into names; 0: free */
        size_t n_slots;      /* power of two */
        size_t n_named;      /* tags processed so far */
        const char **delete; /* digests whose rows are deleted; the array is malloc()ed, the texts
                                are in the arena */
        size_t n_delete, delete_capacity;
        Sorting newest;     /* the tags sorted by channel, newest first; empty if no version may be
                               dropped */
        size_t next_newest; /* the next tag in newest */
        int64_t n_kept;     /* number of versions of the current channel so far */
} VersionPlan;

#define VERSION_NAME_STORED  (1U << 31) /* a row is stored for the digest */
#define VERSION_NAME_SETTLED (1U << 30) /* no row is to be written for the digest */
#define VERSION_NAME_CHOSEN  (1U << 29)
#define VERSION_NAME_TAG     (VERSION_NAME_CHOSEN - 1)

/* The versions that stay in the map. */
typedef struct VersionKeep {
        int64_t max;     /* maximum number of versions of each channel; 0: no limit */
        const Map *used; /* digests in releases, which are kept beyond the maximum */
} VersionKeep;

/* A plan begins as {0}, and is made in three steps.
 * 1. Names digests until the monotonic time `until`. Returns 1 if there is more to do. */
int plan_versions_names(const TagSet *tags, usec_t until, VersionPlan *plan, Error *err);

/* 2. Drops versions beyond the maximum until the monotonic time `until`. Returns 1 if there is more
 *    to do. */
int plan_versions_drop(const TagSet *tags, const VersionKeep *keep, usec_t until, VersionPlan *plan,
                       Error *err);

/* 3. Compares a page of stored rows. Called for each page. */
int plan_versions_compare(const TagSet *tags, const VersionMaps *page, Arena *arena,
                          VersionPlan *plan, Error *err);

/* Used instead of steps 2 and 3 to write only a few digests. plan_versions_choose() chooses one
 * digest. plan_versions_settle_others() then marks all others as settled. row: the stored row of
 * the digest; NULL: none. */
int plan_versions_choose(const TagSet *tags, const char *digest, const VersionMap *row,
                         Arena *arena, VersionPlan *plan, Error *err);
void plan_versions_settle_others(VersionPlan *plan);

/* Returns the tag of the next row to write, beginning at *next; NULL at the end. */
const TagState *version_plan_next(const VersionPlan *plan, const TagSet *tags, size_t *next,
                                  bool *ret_is_new);
void version_plan_done(VersionPlan *plan);

/* Returns the row of a tag. */
VersionMap version_map_of(const TagState *state, const char *component_id);

typedef struct HeadMove {
        const Channel *from; /* NULL: a new channel */
        const TagState *to;  /* NULL: the channel no longer has a version */
        const char *channel;
} HeadMove;

typedef struct HeadPlan {
        HeadMove *moves; /* sorted by channel name */
        size_t n_moves;
        const char **missing; /* channels whose head stays although its tag was deleted */
        size_t n_missing;
} HeadPlan;

/* Plans the heads of channels from the newest tags of the survey. Removes the tags of stored
 * channels from the survey. Returns 0 or -ENOMEM. */
int plan_heads(const TagSet *tags, const Channels *stored, bool allow_downgrade, TagSurvey *survey,
               Arena *arena, HeadPlan *ret);
