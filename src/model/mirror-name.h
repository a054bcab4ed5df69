#pragma once

/* The name that a repository has at a mirror: text with ${repository}, its name at the registry
 * ("bitnami/redis"), and ${name}, the last part of that ("redis"). Pure. */

#include "base/error.h"

/* Returns -EINVAL with the error set if the text has another variable, or if a name made from it
 * could be no name of a repository. */
int mirror_name_check(const char *text, Error *err);

/* Returns the name at the mirror, malloc()ed. text was checked; NULL: the name is the same. NULL if
 * memory ran out. */
char *mirror_name(const char *text, const char *repository);
