#pragma once

/* The Link header (RFC 8288), as registries send it with a page of tags. */

#include <stdbool.h>

#include "base/arena.h"

/* What the Link headers of one answer say of the next page. Zero it, then add each header. */
typedef struct LinkNext {
        const char *target;  /* of the first link with rel=next; NULL if there is none */
        const char *unnamed; /* of the first link without any rel; NULL if there is none */
        bool is_unreadable;  /* a header that is no list of links: the page may not be the last */
} LinkNext;

/* Adds one header value. Texts come from the arena. -ENOMEM. Accepts what clients of registries
 * accept beyond RFC 8288: a target without angle brackets, and values in single quotes. */
int link_read(const char *header, Arena *arena, LinkNext *next);

/* The query of a URL or a relative reference, without its fragment, from the arena. NULL if there
 * is none, or if it holds a character that RFC 3986 does not allow there. */
const char *link_query(const char *target, Arena *arena);

/* The value of a parameter of a URL's query, as it stands there (not decoded); NULL if absent. */
const char *query_value(const char *query, const char *name, Arena *arena);
