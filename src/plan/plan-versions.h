#pragma once

/* From tags to the version map and to channel heads. Pure.
 *
 * Version map: one row per digest, named by its most specific version-bearing tag; what people
 * assigned comes first. Heads: the newest candidate of each channel. A head moves forward only:
 * when its own tag is gone from the registry it stays where it is (and is said to be missing),
 * unless the component allows downgrades. When rules no longer make a version of it, that is
 * people's will and it follows. */

#include "base/arena.h"
#include "base/error.h"
#include "plan/tag-set.h"

/* The rows that must be written and deleted to get from stored to what the tags say. Each digest is
 * named once; its name is the position of a tag in the set. */
typedef struct VersionPlan {
        uint32_t *names; /* by the first tag of each digest, with the bits VERSION_NAME_... */
        size_t n_names, capacity;
        uint32_t *slots;     /* hash of the digest -> index + 1 into names; 0: free */
        size_t n_slots;      /* power of two */
        size_t n_named;      /* tags that were looked at */
        const char **delete; /* digests; malloc()ed, the texts in the arena */
        size_t n_delete, delete_capacity;
} VersionPlan;

#define VERSION_NAME_STORED  (1U << 31) /* its digest has a row */
#define VERSION_NAME_SETTLED (1U << 30) /* nothing is to be written */
#define VERSION_NAME_TAG     (VERSION_NAME_SETTLED - 1)

/* What stays in the map. */
typedef struct VersionKeep {
        int64_t max;     /* of each channel; 0: all */
        const Map *used; /* digests of releases: they stay beyond that */
} VersionKeep;

/* A plan begins as {0} and is made in three steps.
 * 1. Names digests until the monotonic time until; returns 1 if there is more to do. */
int plan_versions_names(const TagSet *tags, usec_t until, VersionPlan *plan, Error *err);

/* 2. Drops the versions that are too many. */
int plan_versions_drop(const TagSet *tags, const VersionKeep *keep, VersionPlan *plan, Error *err);

/* 3. Compares stored rows; called for one page after the other. */
int plan_versions_compare(const TagSet *tags, const VersionMaps *page, Arena *arena,
                          VersionPlan *plan, Error *err);

/* The next row to write, from *next on; NULL at the end. */
const TagState *version_plan_next(const VersionPlan *plan, const TagSet *tags, size_t *next,
                                  bool *ret_is_new);
void version_plan_done(VersionPlan *plan);

/* The row a tag stands for. */
VersionMap version_map_of(const TagState *state, const char *component_id);

typedef struct HeadMove {
        const Channel *from; /* NULL: a new channel */
        const TagState *to;  /* NULL: the channel has no version any more */
        const char *channel;
} HeadMove;

typedef struct HeadPlan {
        HeadMove *moves; /* by channel name */
        size_t n_moves;
        const char **missing; /* channels whose head's tag is gone and stays */
        size_t n_missing;
        const TagState **held; /* would be heads were they old enough; by channel, newest first */
        size_t n_held;
} HeadPlan;

int plan_heads(const TagSet *tags, const Channels *stored, bool allow_downgrade, Arena *arena,
               HeadPlan *ret, Error *err);
