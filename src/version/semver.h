#pragma once

/* The parsed text of a semantic version (semver.org, 2.0.0). Forms that occur in tags are accepted
 * too: a leading 'v', a missing minor or patch, and '_' for '+' (a tag cannot contain '+'; Helm's
 * convention). */

#include "base/arena.h"
#include "version/digits.h"

#define SEMVER_FIELDS 3

typedef struct SemverText {
        Digits fields[SEMVER_FIELDS]; /* major, minor, patch; the missing ones are zero */
        unsigned n_fields;            /* how many were written */
        const char *core;             /* position of the numbers, without 'v' */
        size_t core_size;
        const char *prerelease; /* NULL if none */
        size_t prerelease_size;
        const char *build; /* NULL if none */
        size_t build_size;
} SemverText;

/* Returns 0; -EINVAL with *ret_reason; -ENOMEM. *ret borrows from text. */
int semver_read(const char *text, size_t size, Arena *arena, SemverText *ret,
                const char **ret_reason);

/* Parses "-PRERELEASE" and "+BUILD" between at and end. */
int semver_read_rest(const char *at, const char *end, Arena *arena, SemverText *ret,
                     const char **ret_reason);

/* Compares by precedence: <0, 0, >0. Build metadata is ignored. */
int semver_compare(const SemverText *a, const SemverText *b);
