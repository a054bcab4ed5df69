#pragma once

/* Expands the names of a stream's releases: text with {stream}, {seq}, {date} and {version:NAME}.
 * Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

/* Returns -EINVAL with the error set if no expansion could be a valid name. */
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

/* Returns a valid name. Characters that a name cannot hold (upper case, "+") are replaced.
 * ERROR_INVALID if a named component is not in versions or has no version, or if the name is too
 * long. */
int name_template_expand(const char *text, const NameValues *values, Arena *arena, const char **ret,
                         Error *err);

/* Lists the components that the template names; for references. */
int name_template_components(const char *text, Arena *arena, Strings *ret);
