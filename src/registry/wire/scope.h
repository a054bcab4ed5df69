#pragma once

/* The scope of a Bearer token: what it gives rights to (distribution's token specification).
 *
 * relman only reads, so it asks for repository:NAME:pull. The challenge of a registry may name
 * another scope, and the token server may belong to other repositories too: what the challenge adds
 * to reading this repository is dropped, so that no registry can have relman fetch a token for
 * somebody else's repository, or one to push with, and be sent it. */

#include <stddef.h>

/* The scope of every call, malloc()ed; NULL if memory ran out. */
char *scope_pull(const char *repository);

/* The scope to ask for after a challenge that named `offered` (NULL: none), malloc()ed; NULL if
 * memory ran out. Kept are pull and metadata_read (Azure's name for reading a tag list) of this
 * repository; "*" stands for pull. If nothing is left, it is scope_pull(). */
char *scope_accept(const char *repository, const char *offered);
