#pragma once

/* One program that an output runs. It is watched from its start on: whatever happens to the hook
 * that started it, the program is reaped, and no second one of the same output runs beside it.
 *
 *   running --ends--> done is called
 *      |  \--timeout--> SIGTERM --5 s--> SIGKILL --ends--> done is called
 *      \--left by its hook--> SIGTERM --5 s--> SIGKILL --ends--> nobody is called */

#include "base/process.h"
#include "publish/publisher.h"

typedef struct OutputRun OutputRun;

/* status is what WIFEXITED() and the like take. */
typedef void (*OutputRunDone)(int status, bool timed_out, void *userdata);

typedef struct OutputRunPlan {
        Publisher *publisher;
        const ProcessPlan *process;
        usec_t timeout;
        const char *environment_id, *key; /* of the output; copied */
        OutputRunDone done;
        void *userdata;
} OutputRunPlan;

int output_run_start(const OutputRunPlan *plan, OutputRun **ret, Error *err);

/* Nobody waits for the end of the run any more: it is asked to end. Safe on NULL; returns NULL. */
OutputRun *output_run_leave(OutputRun *run);

/* True while a run of this output goes on that was left. */
bool output_run_is_left(const Publisher *publisher, const char *environment_id, const char *key);

/* Ends all runs, which were left before; waits for them. For the end of the process. */
void output_runs_end(Publisher *publisher);
