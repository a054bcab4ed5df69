#pragma once

/* SQLite tells a damaged page from a whole one by its structure, not by what is in it. What a
 * release's lockfile is made from has a seal over it, so that an altered digit in a digest is
 * damage too, not another digest. */

#include "base/digest.h"

#define SEAL_SINCE 2 /* schema */
/* id, name, display_name, components, source_ref, spec_digest, created_at, as in the table */
#define SEAL_PARTS 7

/* -ENOMEM. */
int seal_make(const char *const parts[SEAL_PARTS], char ret[DIGEST_SIZE_MAX]);
