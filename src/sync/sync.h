#pragma once

/* One pass over one component: list, resolve, write.
 *
 * (Where the rules turn out to be too slow the pass goes on as with an unchanged list, and fails at
 * the end.)
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
 * is cut short leaves tags that are known, and the next one goes on from there. */

#include "base/log.h"
#include "plan/evaluate.h"
#include "plan/plan-versions.h"
#include "plan/tag-set.h"
#include "store/version-pages.h"
#include "sync/state.h"

#define SYNC_SLICE  (10 * USEC_PER_MSEC) /* of one turn of the loop */
#define SYNC_PAGE   500                  /* stored rows that are read at once */
#define SYNC_WINDOW 64  /* digests asked for at once; the registry's own limit is below or above */
#define SYNC_CHUNK  500 /* rows in one transaction: some milliseconds */
#define SYNC_CHUNK_ONCE                                                                            \
        2000 /* the same with --once, where nobody waits: fewer pages are written twice */

/* A tag whose digest is being asked for. */
typedef struct SyncCall {
        Sync *sync;
        const char *tag;
        TagState *state;         /* INSPECT: whose manifest it is */
        struct DriftItem *drift; /* DRIFT: of which live digest */
        RegistryCall *call;      /* NULL: free */
} SyncCall;

typedef enum DriftAsks {
        DRIFT_ASKS_NOTHING,
        DRIFT_ASKS_CHECK,    /* is the released digest still there? */
        DRIFT_ASKS_MANIFEST, /* what is in the image that its tag leads to now? */
} DriftAsks;

/* A digest that live releases hold, and what its tag leads to. */
typedef struct DriftItem {
        const TagDigest *live;
        const char *now; /* NULL: not known, or no tag */
        DriftAsks asks;
        bool checked, fetched; /* was asked for */
        bool gone, drifts;
        PlatformDigests images;    /* that are due to be asked for as well */
        const Manifest *manifest;  /* of the live digest, if images are due */
        const char *gone_platform; /* the registry does not have its manifest; NULL */
        const char *not_believed;  /* why the manifest it leads to now is not; NULL */
        const char *mirror;        /* the only one that still serves it; NULL */
} DriftItem;

typedef struct SyncNote SyncNote;

/* The steps in which the tags are built. */
typedef enum SyncBuild {
        SYNC_BUILD_KNOWN,  /* known tags, by pages */
        SYNC_BUILD_LISTED, /* new ones */
        SYNC_BUILD_RULES,
        SYNC_BUILD_DIGESTS, /* what the list says of them */
        SYNC_BUILD_DONE,
} SyncBuild;

struct Sync {
        ComponentState *component;
        Arena arena;
        RegistryCall *list_call;
        sd_event_source *next_slice; /* sync-slices.c */
        int (*step)(Sync *sync, Error *err);
        void (*then)(Sync *sync);
        void (*built)(Sync *sync);     /* continues: the tags are built, */
        void (*inspected)(Sync *sync); /* the manifests are known, */
        void (*compared)(Sync *sync);  /* live digests are compared */
        ListedTags listed;             /* the texts of the list */
        char list_digest[DIGEST_SIZE_MAX];
        char list_etag[ETAG_SIZE_MAX];
        bool list_stale; /* a proxy could not ask: nothing counts as missing */
        char rules_digest[DIGEST_SIZE_MAX];
        bool force_refresh;   /* every eligible tag is asked for */
        bool listed_anew;     /* the list was not the known one */
        const char *rejected; /* a name that is no tag; NULL if none */
        size_t n_rejected;
        const char *list_warning; /* as in TagList */

        Channels channels;    /* as stored */
        TagDigests live;      /* of live releases */
        const char **watched; /* tags to ask for on a warm pass */
        size_t n_watched, next_watched;

        bool have_tags;
        TagSet tags;
        TagSetInput input; /* of tags, with listed and assigned */
        Assignments assigned;
        SyncBuild build;
        sd_event_source *next_build; /* the tags are being built; NULL: they were */
        const char *gave_up;         /* they were too slow, and are not applied; NULL */
        size_t next_tag, next_listed, next_other;
        SyncCall calls[SYNC_WINDOW];
        unsigned n_calls;
        Changes changes; /* rows of tags that wait to be written */
        size_t n_resolved, n_moved, n_problems;
        const char *first_problem; /* of those; NULL if there is none */
        /* applies once the changes are committed: */
        SyncNote *notes_first, *notes_last; /* messages */
        size_t n_moves_told, n_new_versions;
        bool flips_told;
        usec_t hold_ends_at;
        size_t n_unread;    /* tags whose manifest cannot be read, or is not believed */
        const char *unread; /* of the first tag whose manifest cannot be had, or believed; NULL */
        const char *unread_reason; /* of the condition */

        Map manifests; /* INSPECT: digest -> const Manifest * */
        JudgeWants wanted;
        size_t next_wanted;
        size_t n_artifacts; /* manifests of this pass that are of no image */
        TagGuard guard;     /* of tags that moved */
        TagMoves moves;     /* as stored */
        DriftItem *drift;   /* one for each of live */
        VersionPlan versions;
        bool versions_named; /* stored rows come next, after this one: */
        VersionCursor versions_after;
        size_t next_put, next_delete;
};

typedef int (*SyncStep)(Sync *sync, Error *err);
typedef void (*SyncThen)(Sync *sync);

/* sync-tags.c: builds sync->tags, by the list (NULL: by what is known). What the loop has no time
 * for now is done in later turns, and then calls sync->built(). With sync->gave_up there are no
 * tags. */
int sync_build_tags(Sync *sync, const TagList *list, Error *err);

/* sync-slices.c: does the first step at once, and one more in each turn of the loop while it
 * returns 1; then calls then(). The sync may have ended when it returns. */
void sync_slices(Sync *sync, SyncStep step, SyncThen then);

/* sync-calls.c */
SyncCall *sync_free_call(Sync *sync);        /* NULL: all places are taken */
bool sync_is_of_the_tag(const Error *error); /* else the registry has failed */

/* sync-end.c: error NULL: it went well; frees it. */
void sync_end(Sync *sync, const Error *error);

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

/* sync-finish.c */
int sync_finish(Sync *sync, Error *err);
int sync_tell_success(Sync *sync, Error *err); /* of a warm pass: writes only what is new */
