#pragma once

/* Parses semantic versions (semver.org, 2.0.0). Also accepts forms that occur in tags: a leading
 * 'v', a missing minor or patch, and '_' in place of '+' (Helm's convention). A tag cannot contain
 * '+'. */

#include "base/arena.h"
#include "version/digits.h"

#define SEMVER_FIELDS 3

typedef struct SemverText {
        Digits fields[SEMVER_FIELDS]; /* major, minor, patch; missing ones are zero */
        unsigned n_fields;            /* numbers in the text */
        const char *core;             /* the numbers in the text, without 'v' */
        size_t core_size;
        const char *prerelease; /* NULL if none */
        size_t prerelease_size;
        const char *build; /* NULL if none */
        size_t build_size;
} SemverText;

/* Parses a version. *ret borrows from text. Returns 0, -EINVAL with *ret_reason (static, or
 * allocated from the arena), or -ENOMEM. */
int semver_read(const char *text, size_t size, Arena *arena, SemverText *ret,
                const char **ret_reason);

/* Parses "-PRERELEASE" and "+BUILD", both optional, between at and end. Returns the same values as
 * semver_read(). */
int semver_read_rest(const char *at, const char *end, Arena *arena, SemverText *ret,
                     const char **ret_reason);

/* Compares by precedence, without build metadata. Returns <0, 0 or >0. */
int semver_compare(const SemverText *a, const SemverText *b);
