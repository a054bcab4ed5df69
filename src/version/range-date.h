#pragma once

/* Bounds of ranges of calendar versions: ">=2024.06 <2025", "~2024.06.1", "2024.x". They work as
 * for semver, with the numbers of the date in place of major, minor and patch. Private to this
 * folder. */

#include "version/date-text.h"
#include "version/range.h"

typedef enum BoundType {
        BOUND_EQUAL,
        BOUND_NOT_EQUAL,
        BOUND_GREATER,
        BOUND_LESS,
        BOUND_GREATER_EQUAL,
        BOUND_LESS_EQUAL,
        BOUND_TILDE,
        BOUND_CARET,
        BOUND_TYPE_MAX_,
} BoundType;

/* Reads the version of a bound without wildcards at its end. *ret borrows from text. Returns 0,
 * -EINVAL with *ret_reason, or -ENOMEM. */
int range_date_read(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                    DateText *ret, const char **ret_reason);

bool range_date_matches(BoundType type, const DateText *bound, const DateText *version);
