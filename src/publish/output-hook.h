#pragma once

/* Runs the program of an output when the lockfile of its environment has changed. The program runs
 * at least once for each lock, unless a newer lock replaces that lock first. relmand never runs the
 * program of an output twice at the same time. If the program fails, relmand runs it again with
 * back-off until it exits with 0. The database has the lock of the last success, so a daemon that
 * was killed runs the program again. */

#include "base/limits.h"
#include "program/program-run.h"
#include "publish/publish.h"

/* The input of one run of a program. All pointers are borrowed. */
typedef struct HookCall {
        const Lock *lock;
        const char *path; /* path of the lockfile in the format of the output */
        const char *promotion_id;
} HookCall;

typedef struct OutputHook {
        char running[DIGEST_SIZE_MAX]; /* output_digest() of the current run */
        char release[NAME_MAX_ + 1];   /* name of its release */
        ProgramRun *run;               /* NULL: no program runs */
} OutputHook;

/* Runs the program of the output for the lock, unless it runs already. */
int output_hook_start(Output *output, const HookCall *call, Error *err);
bool output_hook_is_idle(const OutputHook *hook);
void output_hook_done(OutputHook *hook);
