#pragma once

/* Checks of a release in an environment: named tests. Clients report the results, or relmand runs
 * the tests itself (model/check-run.h). Also gates that were reported as closed. */

#include "base/time.h"
#include "model/object.h"

/* A check that an environment requires. */
typedef struct CheckSpec {
        Place place;      /* must be first */
        const char *name; /* unique among all checks of the environment */
        usec_t timeout;   /* maximum time from the start of the check to its result */
        Strings from; /* persons and Groups whose reports count; empty: everybody who may promote
                         there */
        Place from_place;
        const char *run; /* the check of relmand.yaml that relmand runs; NULL: a client reports the
                            result */
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

/* The action of relmand after a check or the deployment of a promotion failed. */
typedef enum FailureMode {
        FAILURE_ROLLBACK, /* restore the release that was deployed before */
        FAILURE_HOLD,     /* keep the failed release; restore nothing */
        FAILURE_MODE_MAX_,
} FailureMode;

typedef enum CheckStatus {
        CHECK_RUNNING,
        CHECK_PASSED,
        CHECK_FAILED,   /* a failure was reported, or nothing was reported in time */
        CHECK_CANCELED, /* another release superseded the release before its promotion; the check
                           may start again */
        CHECK_STATUS_MAX_,
} CheckStatus;

/* The state of a check of one release in one environment. */
typedef struct CheckResult {
        const char *environment_id;
        const char *release_id;
        const char *promotion_id; /* the promotion, for a check after it; "": a check before the
                                     promotion */
        const char *name;
        CheckStatus status;
        usec_t started_at;
        usec_t reported_at; /* 0: the check is running */
        const char *by;     /* principal that reported the result; NULL: the check is running */
        const char *person; /* the person behind the principal; NULL: the check is running, or timed
                               out */
        const char *evidence_ref; /* NULL: none */
        const char *message;      /* NULL: none */
        const char *output; /* the end of the output, if relmand ran the check; NULL: none, or not
                               read from the database */
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
