#pragma once

/* Ordered versions: parses text to fields and sort key, by strategy. Pure; texts are borrowed from
 * the input or the arena. Numbers may have any length and are never converted, so nothing
 * overflows. Nothing is guessed: text that does not parse is refused with a reason. */

#include "base/arena.h"
#include "model/component.h"
#include "model/version-map.h"

typedef struct Version {
        const char *text;           /* canonical: "2.3.0", "2026.1.5", "17"; with a dateFormat as
                                     * written */
        const char *prerelease;     /* semver: "rc.1"; calver: the modifier; NULL if none */
        const char *build_metadata; /* NULL if none */
        SortKey sort_key;           /* without build metadata */
        unsigned specificity;       /* number of written fields: 1.20.0 has 3, 1.20 has 2 */
} Version;

/* Reads text of the given size by a strategy. Returns 0 or -ENOMEM; -EINVAL with *ret_reason, a
 * short constant or arena text such as "leading zero in '01': not semver; use type: date, with
 * dateFormat for a counter". STRATEGY_MANUAL never reads anything: -EINVAL. */
int version_parse(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                  Version *ret, const char **ret_reason);

/* Makes the key of a version that is ordered by a time first (seconds; 0: not known, the oldest).
 * -ENOMEM. */
int version_key_by_time(SortKey key, uint64_t seconds, Arena *arena, SortKey *ret);

/* Reads a version that a person wrote (a manual assignment, or an exact version in a release). Same
 * as version_parse(), but STRATEGY_MANUAL reads semver. */
int version_parse_assigned(const VersionStrategy *strategy, const char *text, Arena *arena,
                           Version *ret, const char **ret_reason);

/* Checks text that a person assigns as a version: no white space and only printable characters,
 * whatever the strategy, since it is written to files of many formats. -EINVAL with the reason,
 * which is static. */
int version_check_assigned(const char *text, const char **ret_reason);
