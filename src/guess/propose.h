#pragma once

/* Converts families of tags to the rules of a Component. Private to guess. */

#include "base/arena.h"
#include "guess/family.h"
#include "model/component.h"

/* The families that one Component may read, the largest first. They have the same style, and for
 * most styles the same prefix. */
typedef struct FamilyGroup {
        Family **items;
        size_t n;
        size_t n_tags;
} FamilyGroup;

/* Returns the name of a style, for messages. NULL: out of memory. */
const char *propose_style_name(const Family *family, Arena *arena);

/* Fills strategy, rules and channels. other_years: calendar versions that the rules for semver must
 * not read. -ENOMEM. */
int propose_rules(const FamilyGroup *group, bool other_years, Arena *arena, ComponentSpec *ret);

/* Returns the dateFormat for a family of calendar versions. NULL: out of memory. */
const char *propose_date_format(const Family *family, Arena *arena);

/* True if two-digit numbers of a semver family are years and months: 24.04. */
bool propose_is_short_year(const Family *family);
