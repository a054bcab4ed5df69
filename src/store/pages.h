#pragma once

/* Reads facts about the objects of a page, with one statement for each kind of fact. ids is a JSON
 * array of the ids of the objects. Rows are in the order of the ids. */

#include "store/releases.h"
#include "store/store.h"

typedef struct ObjectTimes {
        const char *id;
        usec_t created_at, updated_at;
} ObjectTimes;

typedef struct ObjectDocument {
        const char *id;
        const char *json;
} ObjectDocument;

typedef struct ObjectDocuments {
        ObjectDocument *items;
        size_t n;
} ObjectDocuments;

typedef struct ObjectCondition {
        const char *id;
        Condition condition;
} ObjectCondition;

typedef struct ComponentChannel {
        const char *id; /* id of the component */
        Channel channel;
} ComponentChannel;

typedef struct ObjectTimesRows {
        ObjectTimes *items;
        size_t n;
} ObjectTimesRows;

typedef struct ObjectConditions {
        ObjectCondition *items;
        size_t n;
} ObjectConditions;

typedef struct ComponentChannels {
        ComponentChannel *items;
        size_t n;
} ComponentChannels;

/* The failure of a release in an environment. */
typedef struct PairFailure {
        const char *environment_id, *release_id;
        Failure failure;
} PairFailure;

typedef struct PairFailures {
        PairFailure *items;
        size_t n;
} PairFailures;

typedef struct ReleasePair {
        const char *environment_id, *release_id;
} ReleasePair;

typedef struct PairRun {
        const char *environment_id, *release_id;
        DeploymentRun run;
} PairRun;

typedef struct PairRuns {
        PairRun *items;
        size_t n;
} PairRuns;

typedef struct ReleasePairs {
        ReleasePair *items;
        size_t n;
} ReleasePairs;

typedef struct Holds {
        Hold *items;
        size_t n;
} Holds;

/* An environment that has a release deployed. */
typedef struct ReleasePlace {
        const char *id; /* id of the release */
        const char *environment_id;
} ReleasePlace;

typedef struct ReleasePlaces {
        ReleasePlace *items;
        size_t n;
} ReleasePlaces;

/* Reads the times of objects that are not releases. */
int store_page_times(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                     ObjectTimesRows *ret, Error *err);
/* Skips ids that do not exist. */
int store_page_documents(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                         ObjectDocuments *ret, Error *err);
int store_page_conditions(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                          ObjectConditions *ret, Error *err);
int store_page_channels(Store *store, const char *ids, Arena *arena, ComponentChannels *ret,
                        Error *err);
int store_page_deployments(Store *store, const char *ids, Arena *arena, Deployments *ret,
                           Error *err);
/* Reads the deployments as of a wall time, from the history. Also sets deployed_release_name. Skips
 * environments to which nothing was promoted before that time. */
int store_page_as_of(Store *store, const char *ids, usec_t at, Arena *arena, Deployments *ret,
                     Error *err);
int store_page_places(Store *store, const char *ids, Arena *arena, ReleasePlaces *ret, Error *err);
/* Skips ids that do not exist. */
int store_page_releases(Store *store, const char *ids, Arena *arena, Releases *ret, Error *err);
/* Does the same, but sets only small members: id, name, display_name, status, stream_id, sequence,
 * created_by and created_person. */
int store_page_release_heads(Store *store, const char *ids, Arena *arena, Releases *ret,
                             Error *err);
/* Reads the candidate of each stream (see store_stream_candidate()), with the same members as
 * store_page_release_heads(). */
int store_page_candidates(Store *store, const char *stream_ids, Arena *arena, Releases *ret,
                          Error *err);
/* These functions read the rows of many pairs. store_failure(), store_was_deployed(),
 * store_approvals() and store_runs() read those of one pair. pairs is a JSON array of arrays:
 * environment id, release id. The rows of one pair are adjacent. */
int store_page_failures(Store *store, const char *pairs, Arena *arena, PairFailures *ret,
                        Error *err);
int store_page_were_deployed(Store *store, const char *pairs, Arena *arena, ReleasePairs *ret,
                             Error *err);
int store_page_approvals(Store *store, const char *pairs, Arena *arena, Approvals *ret, Error *err);
int store_page_runs(Store *store, const char *pairs, Arena *arena, PairRuns *ret, Error *err);
int store_page_holds(Store *store, const char *ids, Arena *arena, Holds *ret, Error *err);

/* Iterates over the objects of a kind, by id. */
typedef struct ObjectCursor {
        ObjectKind kind;
        const char *after; /* the last id that was read; "" before the first page */
        size_t limit;
} ObjectCursor;
int store_objects_after(Store *store, const ObjectCursor *cursor, Arena *arena, StoredObjects *ret,
                        Error *err);
/* Iterates over the objects of all kinds, in pages. {0} begins with the first object. */
typedef struct ObjectWalk {
        /* ids of the components to read, sorted; NULL: all components */
        const char *const *component_ids;
        size_t n_component_ids, n_components_read;
        ObjectKind kind;
        /* the last id that was read, in the arena of the pages; NULL before the first page */
        const char *after;
        bool has_begun;
        bool is_stored[OBJECT_KIND_MAX_]; /* there were objects of the kind when the walk began */
} ObjectWalk;
/* Reads the next page, which may be empty. Returns 1, or 0 after the last page. */
int store_objects_next(Store *store, ObjectWalk *walk, size_t limit, Arena *arena,
                       StoredObjects *ret, Error *err);
/* Reads all drafts. in_use is always false. */
int store_drafts(Store *store, Arena *arena, StoredObjects *ret, Error *err);
