#pragma once

/* Test cases from other programs, and the functions that check each kind of case. */

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "model/component.h"
#include "version/version.h"

typedef enum Verdict {
        CASE_PASSED,
        CASE_FAILED,
        CASE_OTHER /* the case does not apply to relman; Case.got has the reason */
} Verdict;

typedef struct Case {
        const char *source;
        const char *kind;
        const char *parameters; /* "key=value ;; key=value" */
        const char *input;
        const char *expected;
        Arena *arena;
        const char *got; /* the result, or the reason of CASE_OTHER; set by the check */
} Case;

typedef Verdict (*CaseCheck)(Case *c);

/* Returns the value of a parameter; NULL if the case does not have it. */
const char *case_parameter(const Case *c, const char *name);
/* Splits a text at blanks. "(none)" has no words. */
Strings case_words(const Case *c, const char *text);
const char *case_left(const Case *c);
const char *case_right(const Case *c);
Verdict case_is(Case *c, const char *got);
Verdict case_other(Case *c, const char *why);

Verdict check_constraint_parse(Case *c);
Verdict check_constraint(Case *c);
Verdict check_range(Case *c);
Verdict check_parse_loose(Case *c);
Verdict check_parse_strict(Case *c);
Verdict check_canonical(Case *c);
Verdict check_compare(Case *c);
Verdict check_order_semver(Case *c);
Verdict check_order_date(Case *c);
Verdict check_order_sequential(Case *c);
Verdict check_sequential(Case *c);
Verdict check_date(Case *c);
Verdict check_pick(Case *c);
Verdict check_alphabetical(Case *c);
Verdict check_filter(Case *c);
Verdict check_exclude(Case *c);
Verdict check_kargo_order(Case *c);
Verdict check_platform(Case *c);
Verdict check_image(Case *c);
Verdict check_extract(Case *c);
Verdict check_coerce_trap(Case *c);
