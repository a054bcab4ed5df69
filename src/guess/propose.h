#pragma once

/* Converts families of tags to the rules of a Component. Private to this folder. */

#include "base/arena.h"
#include "guess/family.h"
#include "model/component.h"

/* The families that one Component may read, the largest first. They have the same style. They also
 * have the same prefix, except for commits and names. */
typedef struct FamilyGroup {
        Family **items;
        size_t n;
        size_t n_tags;
} FamilyGroup;

/* Returns the name of a style for messages; NULL if memory ran out. */
const char *propose_style_name(const Family *family, Arena *arena);

/* Sets the strategy, rules and channels of *ret. other_years: the repository also has calendar
 * versions, which rules for semver must not read. Returns 0 or -ENOMEM. */
int propose_rules(const FamilyGroup *group, bool other_years, Arena *arena, ComponentSpec *ret);

/* Returns the dateFormat for a family of calendar versions; "" if there is none. NULL if memory ran
 * out. */
const char *propose_date_format(const Family *family, Arena *arena);

/* True if the first two numbers of a semver family are a year and a month of two digits, such as
 * 24.04. */
bool propose_is_short_year(const Family *family);
