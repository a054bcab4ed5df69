#pragma once

/* Reads facts about the objects of a page, with one statement for each kind of fact. ids is a JSON
 * array of their ids; rows are in its order. */

#include "store/releases.h"
#include "store/store.h"

typedef struct ObjectTimes {
        const char *id;
        usec_t created_at, updated_at;
} ObjectTimes;

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

typedef struct Holds {
        Hold *items;
        size_t n;
} Holds;

/* An environment that a release is deployed in. */
typedef struct ReleasePlace {
        const char *id; /* id of the release */
        const char *environment_id;
} ReleasePlace;

typedef struct ReleasePlaces {
        ReleasePlace *items;
        size_t n;
} ReleasePlaces;

/* Not for releases. */
int store_page_times(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                     ObjectTimesRows *ret, Error *err);
int store_page_conditions(Store *store, ObjectKind kind, const char *ids, Arena *arena,
                          ObjectConditions *ret, Error *err);
int store_page_channels(Store *store, const char *ids, Arena *arena, ComponentChannels *ret,
                        Error *err);
int store_page_deployments(Store *store, const char *ids, Arena *arena, Deployments *ret,
                           Error *err);
int store_page_places(Store *store, const char *ids, Arena *arena, ReleasePlaces *ret, Error *err);
/* Skips ids that do not exist. */
int store_page_releases(Store *store, const char *ids, Arena *arena, Releases *ret, Error *err);
/* The names only: releases may have thousands of components. Skips ids that do not exist. */
int store_page_release_names(Store *store, const char *ids, Arena *arena, NamedReleases *ret,
                             Error *err);
int store_page_holds(Store *store, const char *ids, Arena *arena, Holds *ret, Error *err);

/* Iterates over the objects of a kind, by id. */
typedef struct ObjectCursor {
        ObjectKind kind;
        const char *after; /* an id; "": begin with the first */
        size_t limit;
} ObjectCursor;
int store_objects_after(Store *store, const ObjectCursor *cursor, Arena *arena, StoredObjects *ret,
                        Error *err);
/* Iterates over the objects of all kinds, in pages. {0} is the beginning. */
typedef struct ObjectWalk {
        ObjectKind kind;
        const char *after; /* an id in the arena of the pages; NULL: begin with the first */
} ObjectWalk;
/* Reads the next page, which may be empty. Returns 1, or 0 after the last one. */
int store_objects_next(Store *store, ObjectWalk *walk, size_t limit, Arena *arena,
                       StoredObjects *ret, Error *err);
/* The releases that are drafts; in_use is false. */
int store_drafts(Store *store, Arena *arena, StoredObjects *ret, Error *err);
