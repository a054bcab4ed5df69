#pragma once

/* Makes the name of a repository at a mirror from a text with variables. ${repository} is the name
 * at the registry ("bitnami/redis"); ${name} is the last part of that name ("redis"). Pure. */

#include "base/error.h"

/* Returns -EINVAL with the error set if the text has another variable, or if the names made from it
 * are not valid names of repositories. */
int mirror_name_check(const char *text, Error *err);

/* Returns the name at the mirror, malloc()ed; NULL if memory ran out. text must be checked before;
 * if it is NULL, the mirror uses the same name. */
char *mirror_name(const char *text, const char *repository);
