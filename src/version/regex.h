#pragma once

/* PCRE2 patterns, compiled once. Matching is bounded (REGEX_MATCH_LIMIT): a catastrophic pattern
 * ends in milliseconds with -E2BIG. JIT is used where the system allows it: under
 * MemoryDenyWriteExecute= compiling to machine code is refused, which is no error, only slower. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Regex Regex;

/* ERROR_INVALID with the offset of what is wrong. */
int regex_new(const char *pattern, Regex **ret, Error *err);
Regex *regex_free(Regex *regex);
DEFINE_FREEP(Regex, regex_free)

unsigned regex_n_groups(const Regex *regex);                  /* without the whole match */
int regex_group_number(const Regex *regex, const char *name); /* -ENOENT if there is none */

/* Where a group matched; offset is (size_t)-1 for a group that took no part. */
typedef struct RegexSpan {
        size_t offset;
        size_t size;
} RegexSpan;

/* Returns 1 and fills up to n_spans spans (0: whole match) if pattern matches anywhere in text, 0
 * if not, -E2BIG if the match limit was reached, -ENOMEM. */
int regex_match(Regex *regex, const char *text, size_t size, RegexSpan *ret_spans, size_t n_spans);
