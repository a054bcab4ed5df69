#pragma once

/* The functions of the strategies, which parse versions. version.c has the table of them. */

#include <errno.h>

#include "base/arena.h"
#include "version/version.h"

/* Parses a version. text has 1 to TEXT_MAX bytes and may lack the NUL. Returns 0, -EINVAL with
 * *ret_reason, or -ENOMEM. */
typedef int (*StrategyParse)(const char *text, size_t size, Arena *arena, Version *ret,
                             const char **ret_reason);

int semver_parse(const char *text, size_t size, Arena *arena, Version *ret,
                 const char **ret_reason);
int date_parse(const char *text, size_t size, Arena *arena, Version *ret, const char **ret_reason);
int sequential_parse(const char *text, size_t size, Arena *arena, Version *ret,
                     const char **ret_reason);
int numeric_parse(const char *text, size_t size, Arena *arena, Version *ret,
                  const char **ret_reason);
int lexical_parse(const char *text, size_t size, Arena *arena, Version *ret,
                  const char **ret_reason);

/* Size of the buffer for a text from outside that a reason quotes, escaped and truncated. */
#define REASON_QUOTE_SIZE 80

/* Sets *ret_reason and returns -EINVAL. Returns -ENOMEM if reason is NULL: the caller had no memory
 * for it. */
static inline int refuse(const char **ret_reason, const char *reason)
{
        if (!reason)
                return -ENOMEM;
        *ret_reason = reason;
        return -EINVAL;
}
