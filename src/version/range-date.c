#include "version/range-date.h"

#include <string.h>

static bool is_wildcard(char c)
{
        return c == 'x' || c == 'X' || c == '*';
}

int range_date_read(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                    DateText *ret, const char **ret_reason)
{
        while (size > 1 && is_wildcard(text[size - 1]) && strchr(".-_", text[size - 2]))
                size -= 2;
        if (size == 1 && is_wildcard(*text)) {
                *ret = (DateText){ .n_complete = DATE_FIELDS_MAX };
                return 0;
        }
        return date_read_bound(strategy, text, size, arena, ret, ret_reason);
}

/* Compares a version with a bound. With a partial bound, compares only as many fields as the bound
 * has. */
static int compare(const DateText *version, const DateText *bound)
{
        return bound->n_written < bound->n_complete
                       ? date_compare_fields(version, bound, bound->n_written)
                       : date_compare(version, bound);
}

/* Returns the number of fields that must be equal for "~": ~2024.06.1 includes 2024.06.2, and
 * ~2024.06 includes every version of that month. */
static size_t tilde_fields(const DateText *bound)
{
        return bound->n_written < bound->n_complete ? bound->n_written : bound->n_complete - 1;
}

bool range_date_matches(BoundType type, const DateText *bound, const DateText *version)
{
        int order = compare(version, bound);

        switch (type) {
        case BOUND_EQUAL: return order == 0;
        case BOUND_NOT_EQUAL: return order != 0;
        case BOUND_GREATER: return order > 0;
        case BOUND_LESS: return order < 0;
        case BOUND_GREATER_EQUAL: return order >= 0;
        case BOUND_LESS_EQUAL: return order <= 0;
        case BOUND_TILDE:
                return order >= 0 && date_compare_fields(version, bound, tilde_fields(bound)) == 0;
        case BOUND_CARET:
                return order >= 0 &&
                       date_compare_fields(version, bound, MIN(bound->n_written, 1)) == 0;
        case BOUND_TYPE_MAX_: break;
        }
        return false;
}
