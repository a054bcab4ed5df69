#pragma once

/* The text of a semantic version (semver.org, 2.0.0), taken apart. What may stand in a tag is read
 * too: a leading 'v', a missing minor or patch, and '_' for '+' (a tag cannot hold '+'; Helm's
 * convention). */

#include "base/arena.h"
#include "version/digits.h"

#define SEMVER_FIELDS 3

typedef struct SemverText {
        Digits fields[SEMVER_FIELDS]; /* major, minor, patch; the missing ones are zero */
        unsigned n_fields;            /* how many were written */
        const char *core;             /* where they stand, without 'v' */
        size_t core_size;
        const char *prerelease; /* NULL if none */
        size_t prerelease_size;
        const char *build; /* NULL if none */
        size_t build_size;
} SemverText;

/* Returns 0; -EINVAL with *ret_reason; -ENOMEM. *ret borrows from text. */
int semver_read(const char *text, size_t size, Arena *arena, SemverText *ret,
                const char **ret_reason);

/* What may follow the numbers, from at to end: "-PRERELEASE" and "+BUILD". */
int semver_read_rest(const char *at, const char *end, Arena *arena, SemverText *ret,
                     const char **ret_reason);

/* Precedence: <0, 0, >0. Build metadata has none. */
int semver_compare(const SemverText *a, const SemverText *b);
