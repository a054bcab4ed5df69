#include "release/diff.h"

#include <errno.h>

#include "base/macros.h"
#include "version/version.h"

const char *diff_direction_to_string(DiffDirection direction)
{
        static const char *const names[DIFF_DIRECTION_MAX_] = {
                [DIFF_UPGRADE] = "upgrade",
                [DIFF_DOWNGRADE] = "downgrade",
                [DIFF_SAME_VERSION] = "sameVersion",
                [DIFF_UNKNOWN] = "unknown",
        };

        return names[direction];
}

const char *diff_type_to_string(DiffType type)
{
        static const char *const names[DIFF_TYPE_MAX_] = {
                [DIFF_ADDED] = "added",
                [DIFF_REMOVED] = "removed",
                [DIFF_CHANGED] = "changed",
                [DIFF_UNCHANGED] = "unchanged",
        };

        return names[type];
}

/* Returns whether the change is an upgrade or a downgrade. A release does not record the strategy
 * of its versions. So the first strategy that can read both versions decides, the strictest
 * first. */
static DiffDirection direction_of(const ReleaseComponent *from, const ReleaseComponent *to,
                                  Arena *arena)
{
        static const VersionStrategy strategies[] = {
                { .type = STRATEGY_SEMVER },
                { .type = STRATEGY_NUMERIC },
                { .type = STRATEGY_DATE },
                { .type = STRATEGY_DATE, .date_format = "YYYY.MM.MICRO-MODIFIER" },
                { .type = STRATEGY_DATE, .date_format = "YY.MM.MICRO-MODIFIER" },
        };

        if (!from->semver || !to->semver)
                return DIFF_UNKNOWN;
        if (streq(from->semver, to->semver))
                return DIFF_SAME_VERSION;
        for (size_t i = 0; i < ARRAY_SIZE(strategies); i++) {
                const char *reason = NULL;
                Version a, b;
                int c;

                if (version_parse_assigned(&strategies[i], from->semver, arena, &a, &reason) < 0 ||
                    version_parse_assigned(&strategies[i], to->semver, arena, &b, &reason) < 0)
                        continue;
                c = sort_key_compare(a.sort_key, b.sort_key);
                return c < 0 ? DIFF_UPGRADE : c > 0 ? DIFF_DOWNGRADE : DIFF_SAME_VERSION;
        }
        return DIFF_UNKNOWN;
}

static ComponentDiff compare(const ReleaseComponent *from, const ReleaseComponent *to, Arena *arena)
{
        if (!from)
                return (ComponentDiff){ .type = DIFF_ADDED, .to = to };
        if (!to)
                return (ComponentDiff){ .type = DIFF_REMOVED, .from = from };
        if (streq(from->digest, to->digest))
                return (ComponentDiff){ .type = DIFF_UNCHANGED, .from = from, .to = to };
        return (ComponentDiff){ .type = DIFF_CHANGED,
                                .from = from,
                                .to = to,
                                .direction = direction_of(from, to, arena) };
}

int release_diff(const ReleaseComponents *a, const ReleaseComponents *b, Arena *arena,
                 ReleaseDiff *ret)
{
        size_t i = 0, j = 0;

        *ret = (ReleaseDiff){ 0 };
        ret->items = arena_alloc_array(arena, a->n + b->n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        while (i < a->n || j < b->n) {
                const ReleaseComponent *from = i < a->n ? &a->items[i] : NULL;
                const ReleaseComponent *to = j < b->n ? &b->items[j] : NULL;
                int c = !from ? 1 : !to ? -1 : strcmp(from->component_name, to->component_name);
                ComponentDiff *diff = &ret->items[ret->n++];

                /* two components had this name: one was deleted before the other was created */
                if (c == 0 && !streq(from->component_id, to->component_id))
                        c = -1;
                *diff = compare(c <= 0 ? from : NULL, c >= 0 ? to : NULL, arena);
                ret->n_of[diff->type]++;
                i += c <= 0;
                j += c >= 0;
        }
        return 0;
}
