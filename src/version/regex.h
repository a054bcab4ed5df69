#pragma once

/* PCRE2 patterns, compiled once. Matching is bounded (REGEX_MATCH_LIMIT): a catastrophic pattern
 * ends in milliseconds with -E2BIG. A budget bounds all matches of a run together. JIT is used
 * where the system allows it: under MemoryDenyWriteExecute= compiling to machine code is refused,
 * which is no error, only slower. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Regex Regex;

/* Fails with ERROR_INVALID and the offset of the fault. */
int regex_new(const char *pattern, Regex **ret, Error *err);
Regex *regex_free(Regex *regex);
DEFINE_FREEP(Regex, regex_free)

unsigned regex_n_groups(const Regex *regex);                  /* without the complete match */
int regex_group_number(const Regex *regex, const char *name); /* -ENOENT if there is none */

/* Returns a character that every matching text contains, as far as PCRE2 knows; 0 if none. */
char regex_required(const Regex *regex);

typedef struct RegexText {
        const char *data;
        size_t size;
} RegexText;

/* The position of a group in the match; offset is (size_t)-1 if the group did not match. */
typedef struct RegexSpan {
        size_t offset;
        size_t size;
} RegexSpan;

/* The remaining budget of the matches of one run. Counted in steps, not in time, so that the same
 * tags give the same result on every machine. Ordinary matches cost nothing. */
typedef struct RegexBudget {
        unsigned stops; /* matches that may still reach the limit */
        unsigned steps; /* steps that are left for long matches */
} RegexBudget;
RegexBudget regex_budget(void); /* the budget at the beginning of a run */
bool regex_budget_is_spent(const RegexBudget *budget);

/* Returns 1 and fills up to n_spans spans (0: complete match) if the pattern matches anywhere in
 * text. Returns 0 if not, -E2BIG if a limit was reached or the budget (may be NULL) is spent, or
 * -ENOMEM. */
int regex_match(Regex *regex, RegexBudget *budget, const RegexText *text, RegexSpan *ret_spans,
                size_t n_spans);

/* Disables JIT for this pattern: matches take as long as under MemoryDenyWriteExecute=. */
void regex_interpret(Regex *regex);
