#pragma once

/* How a stream names its releases: text with {stream}, {seq}, {date} and {version:NAME}. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

/* -EINVAL with the error set if it could never give a valid name. */
int name_template_check(const char *text, Error *err);

typedef struct NameVersion {
        const char *component;
        const char *version; /* NULL: it has none */
} NameVersion;

typedef struct NameValues {
        const char *stream;
        int64_t sequence;
        usec_t now; /* wall */
        const NameVersion *versions;
        size_t n_versions;
} NameValues;

/* A valid name; what a name cannot hold (upper case, "+") is replaced. ERROR_INVALID if it names a
 * component that is not in versions or has no version, or the name gets too long. */
int name_template_expand(const char *text, const NameValues *values, Arena *arena, const char **ret,
                         Error *err);

/* Calls for each component named by the template; for references. */
int name_template_components(const char *text, Arena *arena, Strings *ret);
