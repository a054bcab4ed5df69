#pragma once

/* Decides the scope of a Bearer token: the rights that it has (distribution's token specification).
 *
 * relman only reads, so it requests repository:NAME:pull. The challenge of a registry may name
 * other rights; all rights beyond reading this repository are dropped. Otherwise a registry could
 * make relman fetch a token with other rights, and receive it: for another party's repository, or
 * to push. */

#include <stddef.h>

/* Returns the scope repository:NAME:pull, malloc()ed; NULL if memory ran out. */
char *scope_pull(const char *repository);

/* Returns the scope to request after a challenge that named the scope offered (NULL: none),
 * malloc()ed; NULL if memory ran out. Keeps the rights pull and metadata_read (Azure's name for
 * reading a tag list) for this repository; "*" counts as pull. Without metadata_read it returns
 * scope_pull(). */
char *scope_accept(const char *repository, const char *offered);
