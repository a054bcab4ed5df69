#pragma once

/* Lists of objects: all, or a page that begins after a name, filtered by label or text. Facts about
 * the objects are read in batches, with one query for each kind of fact. */

#include "api/http/parameters.h"
#include "api/internal.h"
#include "model/environment.h"
#include "model/schema/json-writer.h"
#include "reconcile/catalog.h"

/* The parameters of a list. */
typedef struct ListPage {
        size_t limit;      /* SIZE_MAX: all */
        const char *after; /* the list begins after this name; NULL: at the beginning */
        const char *label; /* KEY or KEY=VALUE; NULL: any */
        const char *text;  /* in name or displayName, ignoring case; NULL: any */
        size_t n;          /* objects on the page so far */
        const char *last;  /* name of the last object on the page */
} ListPage;

int list_page(Request *request, ListPage *ret, Error *err);
/* True if the object is on the page. Must be called in the order of the list. */
bool list_page_takes(ListPage *page, const Object *object);
/* True if the object with this name is on the page. Must be called in the order of names. */
bool list_page_takes_name(ListPage *page, const char *name);
/* Adds the link to the next page. */
int list_page_link(Request *request, const ListPage *page, Error *err);

typedef int (*ObjectWriter)(Request *request, Json *json, const Object *object, Error *err);
/* Writes the objects of the request's tenant as an array, with a link to the next page. Calls write
 * for each object. */
int list_objects(Request *request, ObjectKind kind, ObjectWriter write, Error *err);

typedef void (*ReleaseListEnds)(Json *json, bool is_end, void *userdata);
/* Writes releases as elements of an array. They must be in the arena of the request. `ends` writes
 * the text before and after the array. */
int list_releases(Request *request, const Releases *releases, ReleaseListEnds ends, void *userdata,
                  Error *err);
