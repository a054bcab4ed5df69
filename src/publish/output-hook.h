#pragma once

/* Runs the program of an output when the lockfile of its environment has changed. It runs at least
 * once for each lock that is not replaced meanwhile, never twice at the same time for one output,
 * and again with back-off until it exits with 0. The database has the lock of the last success, so
 * a daemon that was killed runs the program again. */

#include "program/program-run.h"
#include "publish/publish.h"

/* The input of one run of a program. All pointers are borrowed. */
typedef struct HookCall {
        const Lock *lock;
        const char *path; /* path of the file that was written */
        const char *promotion_id;
} HookCall;

typedef struct OutputHook {
        char key[DIGEST_SIZE_MAX];     /* digest of the format, the path and the command */
        char done[DIGEST_SIZE_MAX];    /* lockDigest of the last success; "": none */
        char running[DIGEST_SIZE_MAX]; /* lockDigest that the program runs for now */
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

/* The size of the id in the key of an output: ENVIRONMENT/NUMBER. */
#define OUTPUT_ID_SIZE (sizeof(Uuid) + 24) /* ENVIRONMENT/NUMBER */
void output_id(const Output *output, char ret[OUTPUT_ID_SIZE]);
/* Makes the output's key due at a monotonic time; at 0: in the next turn. */
void output_add(const Output *output, usec_t at, const char *cause);

int output_hook_want(Output *output, const HookCall *call, Error *err);
bool output_hook_is_idle(const OutputHook *hook);
void output_hook_done(OutputHook *hook);
