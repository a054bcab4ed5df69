#pragma once

/* Finds objects that a request names, by id or name, in its tenant. If there is none the error is
 * ERROR_NOT_FOUND; the message names it, the nearest name if one is near, and the command that
 * lists the existing ones. */

#include "api/handlers.h"
#include "reconcile/catalog.h"

/* Returns NULL with err set if there is none. */
const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err);

/* Returns the kind of /api/v1/KINDS/...; OBJECT_KIND_MAX_ if it is another path. */
ObjectKind kind_of_path(const Path *path);

/* Finds the component of the path's {id}. */
const ComponentSpec *find_component(Request *request, Error *err);

/* The end of a message about a name that no object has: "did you mean 'prod'? relmanctl get
 * environments lists them". Borrowed from the request; a short constant if memory is lacking. */
const char *lookup_advice(Request *request, ObjectKind kind, const char *name);

/* Looks up the person behind the principal if the environment names promoters. */
int find_promoter(Request *request, const EnvironmentSpec *environment, Error *err);

int find_release(Request *request, const char *name, Release *ret, Error *err);
/* Finds the release of the body's member releaseId, by id or name. Sets *ret to its id; NULL: the
 * body has none. */
int find_body_release(Request *request, const Node *body, bool required, const char **ret,
                      Error *err);
/* Does the same as find_release() with an arena of the caller, for a request that may be held for
 * minutes. */
int find_release_into(Request *request, const char *name, Arena *arena, Release *ret, Error *err);
