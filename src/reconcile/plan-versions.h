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
#include "reconcile/tag-set.h"

/* The rows that must be written and deleted to get from stored to what the tags say. */
typedef struct VersionPlan {
        Map names; /* digest -> TagState *: the tag that names its row */
        size_t n_named;
        const TagState **put; /* each names the row of its digest */
        size_t n_put;
        const char **delete; /* digests */
        size_t n_delete;
        Map stored; /* digest -> const VersionMap *: what was there */
} VersionPlan;

/* What stays in the map. */
typedef struct VersionKeep {
        int64_t max;     /* of each channel; 0: all */
        const Map *used; /* digests of releases: they stay beyond that */
} VersionKeep;

/* The same in two halves: names digests until the monotonic time until, and returns 1 if there is
 * more to do; then compares the rows. */
int plan_versions_names(const TagSet *tags, usec_t until, VersionPlan *plan, Error *err);
int plan_versions_rows(const TagSet *tags, const VersionMaps *stored, const VersionKeep *keep,
                       Arena *arena, VersionPlan *plan, Error *err);
int plan_versions(const TagSet *tags, const VersionMaps *stored, const VersionKeep *keep,
                  Arena *arena, VersionPlan *ret, Error *err);
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
