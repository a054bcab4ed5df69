#pragma once

/* UUIDs (RFC 9562) as lower-case text. Objects of specs have a UUIDv5, so that a rebuilt database
 * has the same ids. Objects that are created at run time have a UUIDv7. */

#include <stdbool.h>

#include "base/time.h"

typedef struct Uuid {
        char text[37];
} Uuid;

/* Returns the UUIDv5 of the parts in the fixed namespace of relman. A NUL follows each part in the
 * hash. parts ends with NULL: uuid_of((const char *[]){ tenant, kind, name, NULL }). */
Uuid uuid_of(const char *const *parts);

/* Returns a new UUIDv7: it begins with the time in milliseconds, and the rest is random. */
Uuid uuid_new(usec_t wall);

/* Copies a text that is a UUID. Cuts a longer text. */
Uuid uuid_of_text(const char *text);

bool uuid_is_valid(const char *text); /* lower-case canonical form */
