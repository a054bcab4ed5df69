#pragma once

/* The URLs of a list of tags or referrers: of its first page, and of the page that a Link header
 * names. */

#include "registry/internal.h"

/* The URL of a list has no parameter "n" (page size), because some registries refuse it. Without
 * "n" most registries send the complete list. */
#define TAGS_LIST_FORMAT "%s/v2/%s/tags/list"
/* Sets an ERROR_HOSTILE about the list, and returns its code. */
int tags_distrust(const RegistryCall *call, const char *what, Error *err);
/* Sets *ret to the URL of the page after response, malloc()ed; NULL after the last page. first: URL
 * of the first page. */
int tags_next_url(const RegistryCall *call, const char *first, const HttpResponse *response,
                  char **ret, Error *err);
