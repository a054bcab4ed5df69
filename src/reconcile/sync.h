#pragma once

/* One pass over one component: list, resolve, write.
 *
 *   LIST --unchanged--> WATCH --nothing moved--> done, and nothing is written
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
 *   VERSIONS                    rows of the version map, in chunks, one a turn of the loop
 *    |
 *    v
 *   FINISH                      heads, conditions, events and the sync state in one transaction,
 * last
 *
 * Watched tags head a channel or stand in a live release. Every chunk is valid alone: a pass that
 * is cut short leaves tags that are known, and the next one goes on from there. */

#include "reconcile/internal.h"
#include "reconcile/judge.h"
#include "reconcile/plan-versions.h"
#include "reconcile/tag-set.h"

#define SYNC_WINDOW 64  /* digests asked for at once; the registry's own limit is below or above */
#define SYNC_CHUNK  500 /* rows in one transaction: some milliseconds */

/* A tag whose digest is being asked for. */
typedef struct SyncCall {
        Sync *sync;
        const char *tag;
        TagState *state;    /* INSPECT: whose manifest it is */
        RegistryCall *call; /* NULL: free */
} SyncCall;

struct Sync {
        ComponentState *component;
        Arena arena;
        RegistryCall *list_call;
        sd_event_source *next_slice;
        char list_digest[DIGEST_SIZE_MAX];
        char rules_digest[DIGEST_SIZE_MAX];
        bool listed_anew;     /* the list was not the known one */
        const char *rejected; /* a name that is no tag; NULL if none */
        size_t n_rejected;

        Channels channels;    /* as stored */
        TagDigests live;      /* of live releases */
        const char **watched; /* tags to ask for on a warm pass */
        size_t n_watched, next_watched;

        bool have_tags;
        TagSet tags;
        size_t next_tag;
        SyncCall calls[SYNC_WINDOW];
        unsigned n_calls;
        Changes changes; /* rows of tags that wait to be written */
        size_t n_resolved, n_moved, n_problems;

        Map manifests; /* INSPECT: digest -> const Manifest * */
        JudgeWants wanted;
        size_t next_wanted;

        VersionPlan versions;
        size_t next_put, next_delete;
        size_t n_new_versions;
};

/* sync.c */
SyncCall *sync_free_call(Sync *sync);
bool sync_is_of_the_tag(const Error *error); /* else it is the registry's trouble */
void sync_begin_versions(Sync *sync);
void sync_end(Sync *sync, const Error *error); /* error NULL: it went well; frees it */

/* sync-inspect.c: then the versions. The sync may have ended when it returns. */
void sync_inspect(Sync *sync);

/* sync-write.c */
int sync_write_tag(Sync *sync, TagState *state, Error *err); /* applies when a chunk is full */
int sync_flush(Sync *sync, Error *err);
/* Returns 1 while there is more to write. */
int sync_write_versions(Sync *sync, Error *err);
int sync_finish(Sync *sync, Error *err);
int sync_tell_failure(ComponentState *component, const Error *error, Error *err);
int sync_tell_success(Sync *sync, Error *err); /* of a warm pass: writes only what is new */
