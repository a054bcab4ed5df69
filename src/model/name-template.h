#pragma once

/* Makes the names of a stream's releases from a template with {stream}, {seq}, {date} and
 * {version:NAME}. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

/* Returns -EINVAL with the error set if the template cannot give a valid name. */
int name_template_check(const char *text, Error *err);

typedef struct NameVersion {
        const char *component;
        const char *version; /* NULL: the component has no version */
} NameVersion;

typedef struct NameValues {
        const char *stream;
        int64_t sequence;
        usec_t now; /* wall clock */
        const NameVersion *versions;
        size_t n_versions;
} NameValues;

/* Sets *ret to a valid name: replaces characters that a name cannot have (upper case, "+"). Fails
 * with ERROR_INVALID if a named component is not in versions or has no version, or if the name is
 * too long. */
int name_template_expand(const char *text, const NameValues *values, Arena *arena, const char **ret,
                         Error *err);

/* Lists the components that the template names, for the check of references. */
int name_template_components(const char *text, Arena *arena, Strings *ret);
