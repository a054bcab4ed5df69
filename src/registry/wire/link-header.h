#pragma once

/* Reads the Link headers (RFC 8288) of a page of tags. */

#include <stdbool.h>

#include "base/arena.h"

/* The link to the next page in the Link headers of one answer. Begin with {0}, then add each
 * header. */
typedef struct LinkNext {
        const char *target;  /* target of the first link with rel=next; NULL: none */
        const char *unnamed; /* target of the first link without any rel; NULL: none */
        bool is_unreadable;  /* a header could not be parsed, so another page may follow */
} LinkNext;

/* Adds one header. Texts are allocated from the arena. Returns 0 or -ENOMEM. Like other registry
 * clients, it also accepts a target without angle brackets and values in single quotes. */
int link_read(const char *header, Arena *arena, LinkNext *next);

/* Returns the query of a URL or relative reference, without the fragment, allocated from the arena.
 * NULL if there is no query, if it has a character that RFC 3986 does not allow there, or if memory
 * ran out. */
const char *link_query(const char *target, Arena *arena);

/* Returns the value of a query parameter, not decoded, allocated from the arena. NULL if it is
 * absent or empty. query may be NULL. */
const char *query_value(const char *query, const char *name, Arena *arena);
