#pragma once

/* Makes calls fail in this process: the n-th allocation after it was armed,
 * or the n-th call on files. A job is tried with each of them failing, once and from there on; it
 * either fails with a reason or comes to what it comes to undisturbed. Leaks are for the sanitizer
 * to find.
 *
 * Allocations inside of libraries that do not survive the lack of memory (failing.c names them)
 * are left alone. */

#include "base/buffer.h"
#include "base/error.h"

typedef enum FailingWhat {
        FAILING_ALLOCATIONS,
        FAILING_CALLS,      /* open, read, write, fsync, rename and the like */
        FAILING_STATEMENTS, /* steps of SQLite's: there is no room on the disk */
        FAILING_WHAT_MAX_,
} FailingWhat;

/* n counts from 1; 0: none fails. */
void failing_arm(FailingWhat what, size_t n, bool onwards);
/* How many there were since. */
size_t failing_disarm(void);

typedef struct FailingJob {
        const char *name;
        void (*prepare)(const void *input); /* before each run, undisturbed; NULL: nothing */
        /* Does it, and writes to out what it came to. Nothing of it stays behind. */
        int (*run)(const void *input, Buffer *out, Error *err);
        /* A check after each run; NULL: none. */
        void (*check)(const void *input);
        const void *input;
        /* Every so manyth allocation is tried, of the rest four times as many; 0: each. Of places
         * each is with FAILING=all in the environment. */
        size_t stride;
        bool by_place;   /* one of each place in the program that asks */
        bool is_control; /* it must be found to be wrong */
} FailingJob;

/* Tries each; fails the test if the job does not behave. How many faults were done to it. */
size_t failing_sweep(FailingWhat what, const FailingJob *job);
