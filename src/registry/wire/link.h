#pragma once

/* Parses the Link header (RFC 8288) of a page of tags. */

#include <stdbool.h>

#include "base/arena.h"

/* The next page by the Link headers of one answer. Zero it, then add each header. */
typedef struct LinkNext {
        const char *target;  /* of the first link with rel=next; NULL if there is none */
        const char *unnamed; /* of the first link without any rel; NULL if there is none */
        bool is_unreadable;  /* a header could not be parsed: this may not be the last page */
} LinkNext;

/* Adds one header value. Texts come from the arena. -ENOMEM. Accepts forms beyond RFC 8288 that
 * other registry clients accept: a target without angle brackets, and values in single quotes. */
int link_read(const char *header, Arena *arena, LinkNext *next);

/* Returns the query of a URL or relative reference, without the fragment, from the arena. NULL if
 * there is none, or if it has a character that RFC 3986 does not allow there. */
const char *link_query(const char *target, Arena *arena);

/* Returns the value of a query parameter, not decoded; NULL if absent. */
const char *query_value(const char *query, const char *name, Arena *arena);
