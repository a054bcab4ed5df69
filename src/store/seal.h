#pragma once

/* Seals of releases. SQLite detects damage to the structure of a page, not to its content. A seal
 * is a digest of the data of a lockfile, so that relman also detects changed content. */

#include "base/digest.h"

#define SEAL_SINCE 2 /* first schema with seals */
/* id, name, display_name, components, source_ref, spec_digest, created_at, as stored */
#define SEAL_PARTS 7

/* Writes the seal of the parts to ret. Returns 0 or -ENOMEM. */
int seal_make(const char *const parts[SEAL_PARTS], char ret[DIGEST_SIZE_MAX]);
