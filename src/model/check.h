#pragma once

/* Checks of a release in an environment: named tests that run elsewhere, and whose results are
 * reported to relmand. Gates that were reported as closed. */

#include "base/time.h"
#include "model/object.h"

/* A check that an environment requires. */
typedef struct CheckSpec {
        Place place;      /* first */
        const char *name; /* unique among all checks of the environment */
        usec_t timeout;   /* how long after its start it may pass */
        Strings from; /* persons and Groups whose reports count; empty: everybody who may promote
                         there */
        Place from_place;
        const char *run; /* the check of relmand.yaml that relmand runs; NULL: it is reported */
        Place run_place;
} CheckSpec;

typedef struct CheckSpecs {
        CheckSpec *items;
        size_t n;
} CheckSpecs;

typedef struct CheckRules {
        CheckSpecs before; /* must pass before the release is promoted */
        CheckSpecs after;  /* must pass in the lockfile, before the deployment is confirmed */
} CheckRules;

/* The action after a check or the deployment of a promotion failed. */
typedef enum FailureMode {
        FAILURE_ROLLBACK, /* restore the release that was deployed before */
        FAILURE_HOLD,     /* keep the failed release; restore nothing */
        FAILURE_MODE_MAX_,
} FailureMode;

typedef enum CheckStatus {
        CHECK_RUNNING,
        CHECK_PASSED,
        CHECK_FAILED,   /* a failure was reported, or nothing was reported in time */
        CHECK_CANCELED, /* its release was superseded before the promotion; it may start again */
        CHECK_STATUS_MAX_,
} CheckStatus;

/* The state of a check of one release in one environment. */
typedef struct CheckResult {
        const char *environment_id;
        const char *release_id;
        const char *promotion_id; /* the promotion that an after check belongs to; "": it is a check
                                   * before the promotion */
        const char *name;
        CheckStatus status;
        usec_t started_at;
        usec_t reported_at;       /* 0: it is running */
        const char *by;           /* principal of the report; NULL: it is running */
        const char *person;       /* the person behind it; NULL: it is running, or timed out */
        const char *evidence_ref; /* NULL: none */
        const char *message;      /* NULL: none */
        const char *output; /* the end of what its program wrote; NULL: none, or it was not read */
} CheckResult;

typedef struct CheckResults {
        CheckResult *items;
        size_t n;
} CheckResults;

/* A gate that was reported as closed for a release. */
typedef struct ClosedGate {
        const char *environment_id;
        const char *gate; /* promotion_gate_to_string() */
        const char *release_id;
        const char *reason; /* one CamelCase word */
} ClosedGate;

typedef struct ClosedGates {
        ClosedGate *items;
        size_t n;
} ClosedGates;

const char *failure_mode_to_string(FailureMode mode);
const char *check_status_to_string(CheckStatus status);
int check_status_from_string(const char *text, CheckStatus *ret);
