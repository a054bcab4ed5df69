#pragma once

/* The scope of a Bearer token: its rights (distribution's token specification).
 *
 * relman only reads, so it requests repository:NAME:pull. The challenge of a registry may name
 * another scope, and the token server may serve other repositories too. Any right beyond reading
 * this repository is dropped. Otherwise a registry could make relman fetch, and send to it, a token
 * for another party's repository, or one with the right to push. */

#include <stddef.h>

/* Returns the scope of every call, malloc()ed; NULL if memory ran out. */
char *scope_pull(const char *repository);

/* Returns the scope to request after a challenge that named `offered` (NULL: none), malloc()ed;
 * NULL if memory ran out. It keeps pull and metadata_read (Azure's name for reading a tag list) of
 * this repository; "*" counts as pull. If nothing is left, it is scope_pull(). */
char *scope_accept(const char *repository, const char *offered);
