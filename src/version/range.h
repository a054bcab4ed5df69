#pragma once

/* Ranges as in Masterminds/semver v3 (Helm, Flux, Kargo, Argo CD): ">=2.3 <3", ">=2.3, <3", "^2.3",
 * "~2.3.1", "2.x", "1.2 - 2", "!=", "||", partial versions. A prerelease matches only if a bound of
 * the same AND group is a prerelease, or include_prerelease is set. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "version/version.h"

typedef struct Range Range; /* allocated from the arena of range_parse() */

/* Parses a range of versions of a strategy, which must outlive the range. ERROR_INVALID describes
 * the fault and its position. An empty text is an error; "*" is any release. With the strategy
 * date, versions are compared as dates, else as semver. With strategy NULL, only reports errors
 * that every strategy would report; the range must not be used for matching. */
int range_parse(const VersionStrategy *strategy, const char *text, Arena *arena, Range **ret,
                Error *err);

/* True if a text is one exact version, such as "2.3.1" or "v2.3.1", and not a range, such as
 * "=2.3.1". Under semver and with a dateFormat, a version that lacks numbers ("2.3") is a range. */
bool range_is_exact(const VersionStrategy *strategy, const char *text);

/* True if the range contains a version. version is its canonical text. */
bool range_matches(const Range *range, const char *version, bool include_prerelease);

/* A version or range that a person requests. */
typedef struct VersionWish {
        Range *range; /* NULL: an exact version is requested */
        Version version;
} VersionWish;

/* Parses text as one exact version, or else as a range. strategy must outlive *ret. The message of
 * ERROR_INVALID is about the form, version or range, that the person probably meant. */
int version_wish_parse(const VersionStrategy *strategy, const char *text, Arena *arena,
                       VersionWish *ret, Error *err);
bool version_wish_matches(const VersionWish *wish, const Version *version, bool include_prerelease);
