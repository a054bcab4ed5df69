#pragma once

/* Compares two releases. Pure. */

#include "base/arena.h"
#include "model/release.h"

typedef enum DiffDirection {
        DIFF_UPGRADE,
        DIFF_DOWNGRADE,
        DIFF_SAME_VERSION, /* another digest under the same version */
        DIFF_UNKNOWN,      /* the versions cannot be compared */
        DIFF_DIRECTION_MAX_,
} DiffDirection;

const char *diff_direction_to_string(DiffDirection direction); /* "upgrade", "sameVersion" */

typedef enum DiffType {
        DIFF_ADDED,
        DIFF_REMOVED,
        DIFF_CHANGED,
        DIFF_UNCHANGED,
        DIFF_TYPE_MAX_,
} DiffType;

const char *diff_type_to_string(DiffType type);

typedef struct ComponentDiff {
        DiffType type;
        const ReleaseComponent *from, *to; /* from NULL: release a does not have the component; to
                                            * NULL: release b does not */
        DiffDirection direction;           /* DIFF_CHANGED only */
} ComponentDiff;

typedef struct ReleaseDiff { /* sorted by component name */
        ComponentDiff *items;
        size_t n;
        size_t n_of[DIFF_TYPE_MAX_];
} ReleaseDiff;

/* Compares the components of two releases. The components must be sorted by name, as in all
 * releases. Components are the same if their ids are equal. Returns 0 or -ENOMEM. */
int release_diff(const ReleaseComponents *a, const ReleaseComponents *b, Arena *arena,
                 ReleaseDiff *ret);
