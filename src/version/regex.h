#pragma once

/* PCRE2 patterns, compiled once. The steps of a match are limited (REGEX_MATCH_LIMIT). So a match
 * with exponential backtracking ends in milliseconds, with -E2BIG. A budget limits all matches of a
 * run together. JIT is used if the system allows it. MemoryDenyWriteExecute= of systemd forbids it;
 * matches are then slower. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Regex Regex;

/* Compiles a pattern. ERROR_INVALID names the fault and its offset. */
int regex_new(const char *pattern, Regex **ret, Error *err);
Regex *regex_free(Regex *regex);
DEFINE_FREEP(Regex, regex_free)

unsigned regex_n_groups(const Regex *regex);                  /* not counting the complete match */
int regex_group_number(const Regex *regex, const char *name); /* -ENOENT if there is none */

/* Returns a character that every matching text contains; NUL if PCRE2 knows none. */
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

/* The remaining budget for the matches of one run. The budget is counted in steps, not in time, so
 * that the same tags give the same result on every machine. Short matches are free. */
typedef struct RegexBudget {
        unsigned stops; /* matches that may still reach REGEX_MATCH_LIMIT */
        unsigned steps; /* steps that long matches may still take */
} RegexBudget;
RegexBudget regex_budget(void); /* the budget at the beginning of a run */
bool regex_budget_is_spent(const RegexBudget *budget);

/* Matches a pattern anywhere in text. Returns 1 and fills n_spans spans, of which the first is the
 * complete match. Returns 0 if it does not match, -E2BIG if a limit was reached or the budget (may
 * be NULL) is spent, or -ENOMEM. */
int regex_match(Regex *regex, RegexBudget *budget, const RegexText *text, RegexSpan *ret_spans,
                size_t n_spans);

/* Disables JIT for this pattern, as if MemoryDenyWriteExecute= were set. */
void regex_interpret(Regex *regex);
