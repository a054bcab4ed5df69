#pragma once

/* Runs the stages of a pass.
 *
 * The function of a stage works until the monotonic time `until`, and returns a SyncResult or a
 * negative errno. It never frees the pass: only sync-run.c ends one, and callbacks of requests
 * return to it through sync_go_on(). A stage that needs more time is called again in the next turn
 * of the event loop. */

#include "base/error.h"
#include "base/time.h"
#include "plan/tag-walk.h"

typedef struct Sync Sync;

/* The stages in their order; sync.c has the table of their functions. The next stage follows unless
 * the comment names another one. */
typedef enum SyncStage {
        SYNC_LIST,         /* RESOLVE follows if the list is unchanged */
        SYNC_TAGS,         /* begins the set of tags */
        SYNC_KNOWN,        /* adds known tags, by pages */
        SYNC_LISTED,       /* adds new tags of the list */
        SYNC_RULES,        /* LATE follows if the rules are too slow */
        SYNC_LIMIT,        /* applies resolve: {newest: N} */
        SYNC_LIST_DIGESTS, /* takes the digests that the list has */
        /* handles answers that arrived before the tags were built; RESOLVE follows if there are no
         * tags */
        SYNC_LATE,
        SYNC_COUNT,   /* counts the digests to request */
        SYNC_HISTORY, /* finds the tags of the first list */
        SYNC_FIRST,   /* finds the tags that decide the heads */
        SYNC_SORT,    /* sorts the other tags, newest first */
        /* GUARD follows if rows are written later, DRIFT_BEGIN if there are no tags, TAGS if a
         * tag moved without a new list */
        SYNC_RESOLVE,
        SYNC_ROWS,
        SYNC_GUARD, /* reads what is stored about manifests and moves */
        SYNC_EVALUATE,
        SYNC_WANTS, /* HEADS follows if no manifest is needed */
        SYNC_FETCH, /* requests manifests; EVALUATE follows */
        /* SORT follows if heads need another round, DOWNGRADE in the background or if the heads
         * do not wait for live releases */
        SYNC_HEADS,
        SYNC_DRIFT_BEGIN, /* finds the digests of live releases */
        SYNC_DRIFT,       /* LIVE_END follows if there are no tags, or the heads are committed */
        SYNC_DOWNGRADE,
        SYNC_SURVEY,
        SYNC_PLAN, /* plans the rows of the version map */
        SYNC_WRITE,
        /* LIVE follows if live releases were not checked yet, ROUND if there is more to request;
         * otherwise the pass ends */
        SYNC_FINISH,
        /* requests the tags of live releases; DRIFT_BEGIN follows, or RESOLVE if a tag changed */
        SYNC_LIVE,
        SYNC_LIVE_END,   /* ROUND follows if there is more to request; otherwise the pass ends */
        SYNC_ROUND,      /* begins a round in the background */
        SYNC_ROUND_ROWS, /* PLACE follows if no versions are owed */
        SYNC_OWED_PLAN,
        SYNC_OWED_WRITE,
        SYNC_PLACE, /* SORT follows */
        SYNC_STAGE_MAX_,
} SyncStage;

typedef enum SyncResult {
        SYNC_NEXT,  /* the next stage follows */
        SYNC_AGAIN, /* continue with this stage, or with the one that sync_to() has set */
        SYNC_WAIT,  /* the stage continues when the registry answers */
        /* like SYNC_AGAIN, but the heads are committed and the rest runs in the background */
        SYNC_LEAVE,
        SYNC_DONE, /* the pass has ended, as sync->ending says */
} SyncResult;

typedef enum SyncEnding {
        SYNC_ENDS,             /* the pass succeeded */
        SYNC_ENDS_UNTIL_TURN,  /* begins again when the component has its turn, or its share of
                                * the tags */
        SYNC_ENDS_UNTIL_PLACE, /* begins again when the component has a place in the background */
        SYNC_ENDS_TO_YIELD,    /* begins again after other components that wait */
} SyncEnding;

typedef int (*SyncStep)(Sync *sync, usec_t until, Error *err);

/* Continues with another stage. Returns SYNC_AGAIN. */
int sync_to(Sync *sync, SyncStage stage);

/* Converts the result of a slice: SYNC_AGAIN if r > 0, SYNC_NEXT if r is 0. If r is negative,
 * returns r; err is set to out of memory unless it has an error. */
int sync_slice(int r, Error *err);

/* The data of the visits of a walk over the tags. */
typedef struct SyncWalk {
        Sync *sync;
        Error *err;
} SyncWalk;

/* Runs a stage that visits each tag once, from sync->at on. The visit gets a SyncWalk. */
int sync_walk(Sync *sync, TagVisit visit, usec_t until, Error *err);

/* Ends the pass. Returns SYNC_DONE. */
int sync_ends(Sync *sync, SyncEnding ending);

/* Continues after an answer of the registry, whose result is a SyncResult, or a negative errno with
 * an error. May free the pass, so a callback must call it last. */
void sync_go_on(Sync *sync, int r, const Error *error);
