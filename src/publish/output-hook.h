#pragma once

/* Runs the program of an output when the lockfile of its environment has changed. The program runs
 * at least once for each lock, unless a newer lock replaces that lock first. relmand never runs the
 * program of an output twice at the same time. If the program fails, relmand runs it again with
 * back-off until it exits with 0. The database has the lock of the last success, so a daemon that
 * was killed runs the program again. */

#include "program/program-run.h"
#include "publish/publish.h"

/* The input of one run of a program. All pointers are borrowed. */
typedef struct HookCall {
        const Lock *lock;
        const char *path; /* path of the lockfile in the format of the output */
        const char *promotion_id;
} HookCall;

typedef struct OutputHook {
        char key[DIGEST_SIZE_MAX];     /* digest of the format, the path and the command */
        char done[DIGEST_SIZE_MAX];    /* lockDigest of the last success; "": none */
        char running[DIGEST_SIZE_MAX]; /* lockDigest of the current run */
        char wanted[DIGEST_SIZE_MAX];
        ProgramRun *run; /* NULL: no program runs */
        bool known;      /* done was read from the database */
        unsigned n_failures;
        usec_t retry_at; /* monotonic time; 0: the last run did not fail */
} OutputHook;

/* One output of an environment: a file, a program, or both. */
struct Output {
        EnvironmentLock *environment;
        const OutputSpec *spec;
        Published file;
        OutputHook hook;
};

/* Size of the id of an output in its queue key. */
#define OUTPUT_ID_SIZE (sizeof(Uuid) + 24) /* ENVIRONMENT/NUMBER */
void output_id(const Output *output, char ret[OUTPUT_ID_SIZE]);
/* Adds the queue key of the output, due at a monotonic time. at 0: due now. */
void output_add(const Output *output, usec_t at, const char *cause);

int output_hook_want(Output *output, const HookCall *call, Error *err);
bool output_hook_is_idle(const OutputHook *hook);
void output_hook_done(OutputHook *hook);
