#pragma once

/* What the system may refuse, refused in this process: the n-th allocation from when it was armed,
 * or the n-th call on files. A job is tried with each of them failing, once and from there on; it
 * either fails with a reason or comes to what it comes to undisturbed.
 *
 * Allocations inside of libraries that do not survive the lack of memory (failing.c names them)
 * are left alone. */

#include "base/buffer.h"
#include "base/error.h"

typedef enum FailingWhat {
        FAILING_ALLOCATIONS,
        FAILING_CALLS, /* open, read, write, fsync, rename and the like */
        FAILING_WHAT_MAX_,
} FailingWhat;

/* n counts from 1; 0: none fails. */
void failing_arm(FailingWhat what, size_t n, bool onwards);
/* How many there were since. */
size_t failing_disarm(void);
/* Blocks that were allocated and are not freed yet. Not known (always 0) where a sanitizer gives
 * out some of them itself. */
size_t failing_live_blocks(void);

typedef struct FailingJob {
        const char *name;
        /* Does it, and writes to out what it came to. Nothing of it stays behind. */
        int (*run)(const void *input, Buffer *out, Error *err);
        /* What must hold after a failed run; NULL: nothing more. */
        void (*check)(const void *input);
        const void *input;
        bool is_control; /* it must be found to be wrong */
} FailingJob;

/* Tries each; fails the test if the job does not behave. How many faults were done to it. */
size_t failing_sweep(FailingWhat what, const FailingJob *job);
