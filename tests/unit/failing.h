#pragma once

/* Makes calls of this process fail: the n-th allocation, call on files or SQLite statement after
 * failing_arm(). failing_sweep() runs a job twice for each n: first only the n-th call fails, then
 * the n-th and all later calls fail. The job must return an error, or the same result as without
 * failures. The sanitizer finds leaks.
 *
 * Allocations inside some libraries (listed in failing.c) never fail, because these libraries may
 * crash. Calls of other threads never fail: relman has one thread, and the sanitizer aborts if a
 * library cannot start its thread. */

#include "base/buffer.h"
#include "base/error.h"

typedef enum FailingWhat {
        FAILING_ALLOCATIONS,
        FAILING_CALLS,      /* open, read, write, fsync, rename and similar calls */
        FAILING_STATEMENTS, /* steps of SQLite, which report a full disk */
        FAILING_WHAT_MAX_,
} FailingWhat;

/* Makes the n-th call from now fail; if onwards is true, also all later calls. n counts from 1;
 * with 0 no call fails. */
void failing_arm(FailingWhat what, size_t n, bool onwards);
/* Counts a call of this kind from that place of the program. Returns true if it is to fail. */
bool failing_now(FailingWhat what, const void *caller);
/* Ends the failures. Returns the number of calls since failing_arm(). */
size_t failing_disarm(void);

typedef struct FailingJob {
        const char *name;
        /* called before each run, without failures; may be NULL */
        void (*prepare)(const void *input);
        /* Runs the job and appends its result to out. Must release everything that it allocates. */
        int (*run)(const void *input, Buffer *out, Error *err);
        /* called after each run, to check the state; may be NULL */
        void (*check)(const void *input);
        const void *input;
        /* The sweep tests each stride-th allocation, and each (stride / 4 + 1)-th call of another
         * kind; 0: all. With by_place, FAILING=all in the environment sets the stride to 1.
         * FAILING=N multiplies it by N, except for controls. */
        size_t stride;
        bool by_place;   /* tests only the first allocation of each place in the program */
        bool is_control; /* a control: the sweep must find a fault */
} FailingJob;

/* Runs the job with each failure. Fails the test if a run has a wrong result. Returns the number of
 * runs with a failure. */
size_t failing_sweep(FailingWhat what, const FailingJob *job);
