#pragma once

/* The Link header (RFC 8288). */

#include "base/arena.h"

/* The target of the first link with rel=next in one header value; NULL if there is none. */
const char *link_next(const char *header, Arena *arena);

/* The value of a parameter of a URL's query, as it stands there (not decoded); NULL if absent. */
const char *query_value(const char *query, const char *name, Arena *arena);
