#pragma once

/* What a request names, by id or name, in the tenant it speaks of. What is not there is
 * ERROR_NOT_FOUND; the message names it and says what lists those that are. */

#include "api/handlers.h"
#include "reconcile/catalog.h"

/* NULL if there is none, and err says so. */
const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err);

/* The component of the path's {id}. */
const ComponentSpec *find_component(Request *request, Error *err);

int find_release(Request *request, const char *name, Release *ret, Error *err);
