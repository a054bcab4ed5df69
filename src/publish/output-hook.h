#pragma once

/* Programs that are run when an environment's lockfile has changed: at least once for each lock
 * that stays long enough, never two at a time for one output, again with back-off until it exits
 * with 0. What has been told is in the database, so that a killed daemon tells it again. */

#include "publish/output-run.h"
#include "publish/publish.h"

/* What a program is run for; lent. */
typedef struct HookCall {
        const Lock *lock;
        const char *path; /* of what was written */
} HookCall;

typedef struct OutputHook {
        char key[DIGEST_SIZE_MAX];     /* of the environment, the output and what it runs */
        char done[DIGEST_SIZE_MAX];    /* lockDigest it was told last; "" none */
        char running[DIGEST_SIZE_MAX]; /* likewise, now */
        char wanted[DIGEST_SIZE_MAX];
        OutputRun *run; /* NULL: none goes on */
        bool known;     /* done was read from the database */
        unsigned n_failures;
        usec_t retry_at; /* monotonic; 0: it did not fail */
} OutputHook;

/* One output of an environment: a file, a program, or both. */
struct Output {
        EnvironmentLock *environment;
        const OutputSpec *spec;
        Published file;
        OutputHook hook;
};

/* The id of its key. */
#define OUTPUT_ID_SIZE (sizeof(Uuid) + 24) /* ENVIRONMENT/NUMBER */
void output_id(const Output *output, char ret[OUTPUT_ID_SIZE]);
/* Its key is due at that monotonic time (0: next). */
void output_add(const Output *output, usec_t at, const char *cause);

int output_hook_want(Output *output, const HookCall *call, Error *err);
bool output_hook_is_idle(const OutputHook *hook);
void output_hook_done(OutputHook *hook);
