#pragma once

/* Programs that are run when an environment's lockfile has changed: at least once for each lock
 * that stays long enough, never two at a time for one output, again with back-off until it exits
 * with 0. What has been told is in the database, so that a killed daemon tells it again. */

#include "publish/output-run.h"
#include "publish/publish.h"

/* What a hook is told, and what for; lent. */
typedef struct HookCall {
        const OutputSpec *output;
        const Lock *lock;
        const char *path; /* of what was written */
} HookCall;

struct OutputHook {
        EnvironmentLock *environment; /* NULL: not in use yet */
        const OutputSpec *output;
        char key[DIGEST_SIZE_MAX];     /* of the environment, the output and what it runs */
        char done[DIGEST_SIZE_MAX];    /* lockDigest it was told last; "" none */
        char running[DIGEST_SIZE_MAX]; /* likewise, now */
        char wanted[DIGEST_SIZE_MAX];
        OutputRun *run; /* NULL: none goes on */
        bool known;     /* done was read from the database */
        unsigned n_failures;
        usec_t retry_at;        /* monotonic */
        sd_event_source *timer; /* of the next try */
};

int output_hook_want(OutputHook *hook, const HookCall *call, Error *err);
bool output_hook_is_idle(const OutputHook *hook);
void output_hook_done(OutputHook *hook);
