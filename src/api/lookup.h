#pragma once

/* Finds objects that a request names, by id or name, in its tenant. If there is none the error is
 * ERROR_NOT_FOUND; the message names it and the command that lists the existing ones. */

#include "api/handlers.h"
#include "reconcile/catalog.h"

/* Returns NULL with err set if there is none. */
const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err);

/* Finds the component of the path's {id}. */
const ComponentSpec *find_component(Request *request, Error *err);

int find_release(Request *request, const char *name, Release *ret, Error *err);
