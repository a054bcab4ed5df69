#pragma once

/* PCRE2 patterns, compiled once. Matching is bounded (REGEX_MATCH_LIMIT): a catastrophic pattern
 * ends in milliseconds with -E2BIG. A budget bounds all matches of a run together. JIT is used
 * where the system allows it: under MemoryDenyWriteExecute= compiling to machine code is refused,
 * which is no error, only slower. */

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

/* A character that every text must have that matches, as PCRE2 found out; 0 if it knows none. */
char regex_required(const Regex *regex);

typedef struct RegexText {
        const char *data;
        size_t size;
} RegexText;

/* Where a group matched; offset is (size_t)-1 for a group that took no part. */
typedef struct RegexSpan {
        size_t offset;
        size_t size;
} RegexSpan;

/* What the matches of one run have left. Counted in steps and not in time, so that the same tags
 * have the same result on every machine. Ordinary matches cost nothing. */
typedef struct RegexBudget {
        unsigned stops; /* matches that may be stopped by a limit */
        unsigned steps; /* of matches that take many */
} RegexBudget;
RegexBudget regex_budget(void); /* a full one */
bool regex_budget_is_spent(const RegexBudget *budget);

/* Returns 1 and fills up to n_spans spans (0: whole match) if pattern matches anywhere in text, 0
 * if not, -E2BIG if a limit was reached or the budget (which may be NULL) is spent, -ENOMEM. */
int regex_match(Regex *regex, RegexBudget *budget, const RegexText *text, RegexSpan *ret_spans,
                size_t n_spans);

/* Never uses JIT from now on: matches take as long as under MemoryDenyWriteExecute=. */
void regex_interpret(Regex *regex);
