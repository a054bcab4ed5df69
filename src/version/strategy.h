#pragma once

/* The function of each strategy, which parses a version. The table of them is in version.c. */

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

/* Size of outside text that a reason quotes, escaped and cut. */
#define REASON_QUOTE_SIZE 80

/* Sets *ret_reason and returns -EINVAL. Returns -ENOMEM if reason is NULL, because memory for it
 * ran out. */
static inline int refuse(const char **ret_reason, const char *reason)
{
        if (!reason)
                return -ENOMEM;
        *ret_reason = reason;
        return -EINVAL;
}
