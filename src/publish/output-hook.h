#pragma once

/* Runs the program of an output when the lockfile of its environment has changed. The program runs
 * at least once for each lock, unless a newer lock replaces that lock first. relmand never runs the
 * program of an output twice at the same time. If the program fails, relmand runs it again with
 * back-off until it exits with 0. The database has the lock of the last success, so a daemon that
 * was killed runs the program again. */

#include "base/limits.h"
#include "program/program-run.h"
#include "publish/publish.h"

typedef struct OutputHook {
        char running[DIGEST_SIZE_MAX]; /* output_digest() of the current run */
        char release[NAME_MAX_ + 1];   /* name of its release */
        ProgramRun *run;               /* NULL: no program runs */
} OutputHook;
