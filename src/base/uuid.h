#pragma once

/* UUIDs (RFC 9562) as lower-case text. v5 for objects of specs, so that a rebuilt database has the
 * same ids; v7 for objects created at run time. */

#include <stdbool.h>

#include "base/time.h"

typedef struct Uuid {
        char text[37];
} Uuid;

/* v5 over the fixed namespace of relman and the parts, each followed by a NUL. parts ends with
 * NULL: uuid_of((const char *[]) { tenant, kind, name, NULL }). */
Uuid uuid_of(const char *const *parts);

/* v7: ordered by time, random below the millisecond. */
Uuid uuid_new(usec_t wall);

bool uuid_is_valid(const char *text); /* lower-case canonical form */
