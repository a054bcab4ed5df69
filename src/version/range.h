#pragma once

/* Ranges as in Masterminds/semver v3 (Helm, Flux, Kargo, Argo CD): ">=2.3 <3", ">=2.3, <3", "^2.3",
 * "~2.3.1", "2.x", "1.2 - 2", "!=", "||", partial versions. Prereleases match only if a bound of
 * the same AND group names one, or include_prerelease is set. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "version/version.h"

typedef struct Range Range; /* lives in the arena it was parsed into */

/* Reads a range of versions of a strategy, which must live as long. Fails with ERROR_INVALID, which
 * describes the fault and its position. An empty text is an error; "*" is any release. Ranges of
 * dates compare dates; those of other strategies read versions as semver. strategy NULL: checks
 * only what is wrong under every strategy; nothing may be matched with it. */
int range_parse(const VersionStrategy *strategy, const char *text, Arena *arena, Range **ret,
                Error *err);

/* True if text is one exact version and no range ("2.3.1", "v2.3.1"; "=2.3.1" is a range). Under
 * semver and with a dateFormat, a version with numbers missing ("2.3") is a range. */
bool range_is_exact(const VersionStrategy *strategy, const char *text);

/* version is the canonical text of a version. */
bool range_matches(const Range *range, const char *version, bool include_prerelease);

/* The request of a person: one version, or a range. */
typedef struct VersionWish {
        Range *range; /* NULL: one version */
        Version version;
} VersionWish;

/* Reads text as one version, or else as a range. Fails with ERROR_INVALID, with the reason of the
 * one that was probably meant, or ERROR_INTERNAL. strategy must live as long. */
int version_wish_parse(const VersionStrategy *strategy, const char *text, Arena *arena,
                       VersionWish *ret, Error *err);
bool version_wish_matches(const VersionWish *wish, const Version *version, bool include_prerelease);
