#pragma once

/* Finds objects that a request names, by id or name, in the tenant of the request. If there is no
 * such object, the error is ERROR_NOT_FOUND. The message may suggest a similar name, and has the
 * command that lists the objects. */

#include "api/handlers.h"
#include "reconcile/catalog.h"

/* Returns NULL with err set if there is no such object. */
const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err);

/* Returns the kind in a path /api/v1/KINDS/...; OBJECT_KIND_MAX_ for other paths. */
ObjectKind kind_of_path(const Path *path);

/* Finds the component of the path's {id}. */
const ComponentSpec *find_component(Request *request, Error *err);

/* Returns the end of a message about a name that no object has, such as "did you mean 'prod'?
 * relmanctl get environments lists them". The text is in the arena of the request; if memory ran
 * out, it is a short constant. */
const char *lookup_advice(Request *request, ObjectKind kind, const char *name);

/* Looks up the person behind the principal if the environment names promoters. */
int find_promoter(Request *request, const EnvironmentSpec *environment, Error *err);

int find_release(Request *request, const char *name, Release *ret, Error *err);
/* Finds the release that the body's member releaseId names, by id or name. Sets *ret to the id of
 * the release, or to NULL if the body does not have the member. */
int find_body_release(Request *request, const Node *body, bool required, const char **ret,
                      Error *err);
/* Does the same as find_release(), with the release in another arena. A request that is held for
 * minutes can free that arena first. */
int find_release_into(Request *request, const char *name, Arena *arena, Release *ret, Error *err);
