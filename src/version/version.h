#pragma once

/* Parses the text of a version by a strategy, and makes the sort key that orders versions. Pure.
 * Numbers may have any length and are never converted, so they cannot overflow. Text that cannot be
 * parsed is refused with a reason. */

#include "base/arena.h"
#include "model/component.h"
#include "model/version-map.h"

typedef struct Version {
        /* canonical text: "2.3.0", "2026.1.5", "17"; with a dateFormat, the text as written */
        const char *text;
        const char *prerelease;     /* semver: "rc.1"; calver: the modifier; NULL if none */
        const char *build_metadata; /* NULL if none */
        SortKey sort_key;           /* without build metadata */
        unsigned specificity;       /* number of fields in the text: 1.20.0 has 3, 1.20 has 2 */
} Version;

/* Parses text by a strategy. Returns 0, -ENOMEM, or -EINVAL with *ret_reason, such as "leading zero
 * in '01': not semver; use type: date, with dateFormat for a counter". Texts are allocated from the
 * arena or static. With STRATEGY_MANUAL it always returns -EINVAL. */
int version_parse(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                  Version *ret, const char **ret_reason);

/* Makes the sort key of a version that is ordered by time, then by `key`. The time is in seconds.
 * An unknown time is 0, and sorts lowest. Returns 0 or -ENOMEM. */
int version_key_by_time(SortKey key, uint64_t seconds, Arena *arena, SortKey *ret);

/* Parses a version that a person wrote, such as an assignment or the version in a release. Same as
 * version_parse(), but with STRATEGY_MANUAL it parses semver. */
int version_parse_assigned(const VersionStrategy *strategy, const char *text, Arena *arena,
                           Version *ret, const char **ret_reason);

/* Checks text that a person assigns as a version. Under every strategy the text must have only
 * printable characters and no white space, because relman writes it to files of many formats.
 * Returns 0, or -EINVAL with *ret_reason, which is static. */
int version_check_assigned(const char *text, const char **ret_reason);
