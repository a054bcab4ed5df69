#pragma once

/* Seals of releases. SQLite detects damage of a page by its structure, not by its content. A seal
 * covers the data of a release's lockfile, so that a changed digit of a digest is detected too. */

#include "base/digest.h"

#define SEAL_SINCE 2 /* first schema with seals */
/* id, name, display_name, components, source_ref, spec_digest, created_at, as stored */
#define SEAL_PARTS 7

/* Writes the seal of the parts to ret. Returns 0 or -ENOMEM. */
int seal_make(const char *const parts[SEAL_PARTS], char ret[DIGEST_SIZE_MAX]);
