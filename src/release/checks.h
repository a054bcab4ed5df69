#pragma once

/* Evaluates the results of an environment's checks for one release: which checks passed, run or
 * failed. Decides which results relmand adds because a check starts or is late. Pure. */

#include "base/arena.h"
#include "model/environment.h"

typedef struct CheckInput {
        const CheckSpecs *specs;     /* the checks before or after the promotion */
        const CheckResults *results; /* stored results of the release; NULL: none */
        const char *promotion_id;    /* the promotion, for checks after it; "": checks before the
                                      * promotion */
        usec_t now;                  /* wall clock */
} CheckInput;

typedef enum CheckPhase {
        CHECK_PHASE_OPEN, /* the check has not started, or was canceled */
        CHECK_PHASE_RUNNING,
        CHECK_PHASE_PASSED,
        CHECK_PHASE_FAILED,
        CHECK_PHASE_LATE, /* the check failed, because it exceeded its time-out */
} CheckPhase;

/* Returns the phase of a check. If ret is not NULL, sets *ret to its stored result; NULL if there
 * is none. If the clock is set back, no check becomes late. */
CheckPhase check_phase(const CheckInput *input, const CheckSpec *check, const CheckResult **ret);
bool check_phase_is_failed(CheckPhase phase);
/* Finds a check by name. Returns NULL if there is none. */
const CheckSpec *checks_find(const CheckSpecs *specs, const char *name);
/* True if relmand runs the check, and reports by persons do not count. */
bool check_is_reported_by_nobody(const CheckSpec *check);
bool checks_have_passed(const CheckInput *input);
/* Returns the first check that failed or is late; NULL: none. */
const CheckSpec *checks_failed(const CheckInput *input);
/* Returns the first check that has not passed, and its phase; NULL: all have passed. */
const CheckSpec *checks_first_open(const CheckInput *input, CheckPhase *ret);
/* Returns the first running check that relmand does not run itself, so that a person or a tool must
 * report the result; NULL: none. */
const CheckSpec *checks_first_reported(const CheckInput *input);
/* Returns when the first running check becomes late; 0: none runs. */
usec_t checks_next(const CheckInput *input);

/* Sets *ret to the results that relmand must store now: those of late checks and, if may_start, of
 * checks that start. `of` has the ids for new results. Returns 0 or -ENOMEM. */
int checks_advance(const CheckInput *input, bool may_start, const CheckResult *of, Arena *arena,
                   CheckResults *ret);
/* Sets *ret to the running results of checks that the environment no longer has. The caller deletes
 * them, so that a check that is added again starts again. Returns 0 or -ENOMEM. */
int checks_removed(const CheckInput *input, Arena *arena, CheckResults *ret);

/* These functions return texts; NULL: no memory. The first two describe the checks that have not
 * passed: "check 'smoke' runs since TIME (at most 30m)", as sentences or as nouns. */
const char *checks_text(const CheckInput *input, Arena *arena);
const char *checks_noun(const CheckInput *input, Arena *arena);
/* "check 'smoke' failed: MESSAGE (EVIDENCE)", as a sentence or as a noun */
const char *check_failure_text(const CheckInput *input, const CheckSpec *check, Arena *arena);
const char *check_failure_noun(const CheckInput *input, const CheckSpec *check, Arena *arena);
/* Returns the command for the next step. It reports a pass of the failed check, or else of the
 * first check that has not passed. If relmand can run that check before the promotion, the command
 * starts it. If nobody may do either, the command lists the checks. */
const char *checks_command(const CheckInput *input, const char *release, const char *environment,
                           Arena *arena);
/* "'smoke', 'load'"; "none" */
const char *checks_names(const CheckSpecs *specs, Arena *arena);
