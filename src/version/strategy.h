#pragma once

/* The interface of a strategy: one way of reading a version. Their table is in version.c. */

#include <errno.h>

#include "base/arena.h"
#include "version/version.h"

/* text is not empty, has at most TEXT_MAX bytes and may lack the NUL. Returns 0, -EINVAL with
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

/* Room for outside text in a reason, escaped and cut. */
#define REASON_QUOTE_SIZE 80

/* Sets the reason and returns -EINVAL; -ENOMEM if reason is NULL because memory ran out. */
static inline int refuse(const char **ret_reason, const char *reason)
{
        if (!reason)
                return -ENOMEM;
        *ret_reason = reason;
        return -EINVAL;
}
