#pragma once

/* Reads stored facts about the objects of a list, in batches with one statement for each kind of
 * fact. The functions known_*() read the facts of one object. In a list they take them from the
 * rows of the batch, which are in the order of the objects; otherwise they read the store. */

#include "api/internal.h"
#include "model/environment.h"
#include "reconcile/catalog.h"
#include "store/pages.h"

#define PAGE_OBJECTS_BATCH  50 /* objects whose rows are read in one query */
#define PAGE_RELEASES_BATCH 20 /* releases are large */

/* Rows of a batch. Each object takes its rows from the beginning of the remaining ones. */
typedef struct PageRows {
        Arena arena;
        const char *tenant; /* argument of the last known_tenant_id(), with its result */
        Uuid tenant_id;
        ObjectTimesRows times;
        ObjectConditions conditions;
        ComponentChannels channels;
        Deployments deployments;
        Holds holds;
        ReleasePlaces places;
        Releases newest;   /* newest releases of streams, without their components */
        Pending *pendings; /* reasons why environments wait, one for each environment */
        size_t at_pending;
        size_t at_times, at_conditions, at_channels, at_deployments, at_holds, at_places, at_newest;
} PageRows;

/* Read the rows of a batch. Call page_rows_done() after failures, too. */
int page_rows_of_objects(Request *request, ObjectKind kind, const Object *const *objects, size_t n,
                         PageRows *rows, Error *err);
int page_rows_of_releases(Request *request, const Release *releases, size_t n, PageRows *rows,
                          Error *err);
void page_rows_done(PageRows *rows);

/* Read facts about one object: from the rows of the page, or from the store. Results are in the
 * arena of the page or of the request. */
Uuid known_tenant_id(Request *request, const char *tenant);
int known_times(Request *request, const Object *object, usec_t *ret_created_at,
                usec_t *ret_updated_at, Error *err);
int known_conditions(Request *request, ObjectKind kind, const char *id, Conditions *ret,
                     Error *err);
/* Reads the environments that have a release. Only for an object of a page. */
int known_places(Request *request, const char *release_id, Strings *ret, Error *err);
int known_channels(Request *request, const char *component_id, Channels *ret, Error *err);
/* Returns 1 if there is a deployment. Reads the deployment at the time request->as_of if that is
 * set. */
int known_deployment(Request *request, const char *environment_id, Deployment *ret, Error *err);
int known_hold(Request *request, const char *environment_id, Hold *ret, Error *err);
/* Reads the name of a stream's newest release that environments may get; NULL: none. */
int known_newest(Request *request, const char *stream_id, const char **ret, Error *err);
/* Must be called once for each environment of a page, in the order of the page. */
int known_pending(Request *request, const char *environment_id, Pending *ret, Error *err);
