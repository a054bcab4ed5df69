#pragma once

/* Ordered versions: text to fields and sort key, by strategy. Pure; texts are borrowed from the
 * input or from the arena. Numbers may have any length and are never converted, so nothing
 * overflows. Nothing is coerced: what does not parse is refused with a reason. */

#include "base/arena.h"
#include "model/component.h"
#include "model/version-map.h"

typedef struct Version {
        const char *text;           /* canonical: "2.3.0", "2026.1.5", "17" */
        const char *prerelease;     /* semver: "rc.1"; NULL if none */
        const char *build_metadata; /* NULL if none */
        SortKey sort_key;           /* build metadata is not in it */
        unsigned specificity;       /* number of fields that were written: 1.20.0 is 3, 1.20 is 2 */
} Version;

/* Reads text of the given size under a strategy. Returns 0; -EINVAL with *ret_reason (a short
 * constant or arena text such as "leading zero in '01': not semver; use the date strategy");
 * -ENOMEM. STRATEGY_MANUAL reads nothing by itself: -EINVAL. */
int version_parse(StrategyType strategy, const char *text, size_t size, Arena *arena, Version *ret,
                  const char **ret_reason);

/* The key of a version that is ordered by a time first (seconds; 0: not known, the oldest).
 * -ENOMEM.
 */
int version_key_by_time(SortKey key, uint64_t seconds, Arena *arena, SortKey *ret);

/* For people's own words (manual assignments, exact versions in a release): like version_parse, but
 * for STRATEGY_MANUAL reads semver. */
int version_parse_assigned(StrategyType strategy, const char *text, Arena *arena, Version *ret,
                           const char **ret_reason);

/* Whether people may assign this text as a version: no white space and nothing that is not
 * printable, whatever the strategy, for it goes to files of many formats. -EINVAL with the reason,
 * which is static. */
int version_check_assigned(const char *text, const char **ret_reason);
