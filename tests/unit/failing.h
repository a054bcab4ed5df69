#pragma once

/* Makes calls of this process fail: the n-th allocation after arming, or the n-th call on files. A
 * job is repeated with each of them failing, once and from there on. It must fail with a reason, or
 * give the same result as without the failure. Leaks are for the sanitizer to find.
 *
 * Allocations inside libraries that do not survive a lack of memory (listed in failing.c) never
 * fail. */

#include "base/buffer.h"
#include "base/error.h"

typedef enum FailingWhat {
        FAILING_ALLOCATIONS,
        FAILING_CALLS,      /* open, read, write, fsync, rename and similar calls */
        FAILING_STATEMENTS, /* steps of SQLite fail: the disk is full */
        FAILING_WHAT_MAX_,
} FailingWhat;

/* n counts from 1; 0: none fails. */
void failing_arm(FailingWhat what, size_t n, bool onwards);
/* Returns how many calls there were since. */
size_t failing_disarm(void);

typedef struct FailingJob {
        const char *name;
        void (*prepare)(const void *input); /* prepares each run, without failures; NULL: nothing */
        /* runs the job, and writes its result to out. Must leave nothing behind. */
        int (*run)(const void *input, Buffer *out, Error *err);
        /* checks the state after each run; NULL: no check */
        void (*check)(const void *input);
        const void *input;
        /* Only one of so many allocations fails, and in the second kind of run one of four times as
         * many; 0: all. If only places are tried, FAILING=all in the environment tries all. */
        size_t stride;
        bool by_place;   /* one allocation for each place in the program */
        bool is_control; /* a control: it must be found faulty */
} FailingJob;

/* Runs the job with each failure. Fails the test if the job misbehaves. Returns the number of
 * failures. */
size_t failing_sweep(FailingWhat what, const FailingJob *job);
