#pragma once

/* Ranges as in Masterminds/semver v3 (Helm, Flux, Kargo, Argo CD): ">=2.3 <3", ">=2.3, <3", "^2.3",
 * "~2.3.1", "2.x", "1.2 - 2", "!=", "||", partial versions. Prereleases match only if a bound of
 * the same AND group names one, or include_prerelease is set. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Range Range; /* lives in the arena it was parsed into */

/* Fails with ERROR_INVALID, which describes the fault and its position. An empty text is an error;
 * "*" is any release. */
int range_parse(const char *text, Arena *arena, Range **ret, Error *err);

/* True if text is one exact version and no range ("2.3.1", "v2.3.1", "=2.3.1" is a range). */
bool range_is_exact(const char *text);

/* version is the canonical text of a semver version. */
bool range_matches(const Range *range, const char *version, bool include_prerelease);
