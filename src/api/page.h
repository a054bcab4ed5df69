#pragma once

/* Lists of objects: a page of them after a name, those with a label or a text, and what is known of
 * all of them in one question for each thing. Without limit a list is complete. */

#include "api/http/json.h"
#include "api/parameters.h"
#include "model/environment.h"

/* What the query asks for. */
typedef struct ListPage {
        size_t limit;      /* SIZE_MAX: all */
        const char *after; /* a name; NULL: from the beginning */
        const char *label; /* KEY or KEY=VALUE; NULL: any */
        const char *text;  /* in name or displayName, without case; NULL: any */
        size_t n;          /* taken so far */
        const char *last;  /* the name of the last one taken */
} ListPage;

int list_page(Request *request, ListPage *ret, Error *err);
/* Whether what has this name is on the page; names come sorted. */
bool list_page_takes_name(ListPage *page, const char *name);
/* The link to the next page. */
int list_page_link(Request *request, const ListPage *page, Error *err);

/* The objects of the caller's tenant as an array, with a link to the next page. */
typedef int (*ObjectWriter)(Request *request, Json *json, const Object *object, Error *err);
int list_objects(Request *request, ObjectKind kind, ObjectWriter write, Error *err);

/* Releases that were read into the arena of the request, as elements of an array. ends writes what
 * stands before and behind them. */
typedef void (*ReleaseListEnds)(Json *json, bool is_end, void *userdata);
int list_releases(Request *request, const Releases *releases, ReleaseListEnds ends, void *userdata,
                  Error *err);

/* What is known of one object: from what was read for the page, or else from the store. In the
 * arena of the page, or of the request. */
int known_times(Request *request, const Object *object, usec_t *ret_created_at,
                usec_t *ret_updated_at, Error *err);
int known_conditions(Request *request, ObjectKind kind, const char *id, Conditions *ret,
                     Error *err);
/* The environments that a release is deployed in; of a page only. */
int known_places(Request *request, const char *release_id, Strings *ret, Error *err);
int known_channels(Request *request, const char *component_id, Channels *ret, Error *err);
/* 1 if there is one. */
int known_deployment(Request *request, const char *environment_id, Deployment *ret, Error *err);
int known_hold(Request *request, const char *environment_id, Hold *ret, Error *err);
