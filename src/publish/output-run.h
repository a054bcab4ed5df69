#pragma once

/* One run of an output's program. The run is watched until its end, also if its output is removed:
 * so the process is always reaped, and no second one of the same output runs beside it.
 *
 *   running --ends--> done is called
 *      |  \--timeout--> SIGTERM --5 s--> SIGKILL --ends--> done is called
 *      \--output_run_leave--> SIGTERM --5 s--> SIGKILL --ends--> nobody is called */

#include "base/process.h"
#include "publish/publisher.h"

typedef struct OutputRun OutputRun;

/* status: as for WIFEXITED() and WEXITSTATUS(). */
typedef void (*OutputRunDone)(int status, bool timed_out, void *userdata);

typedef struct OutputRunPlan {
        Publisher *publisher;
        const ProcessPlan *process;
        usec_t timeout;
        const char *environment_id, *key; /* copied from the output */
        OutputRunDone done;
        void *userdata;
} OutputRunPlan;

int output_run_start(const OutputRunPlan *plan, OutputRun **ret, Error *err);

/* Sends SIGTERM to the program. done is not called. Safe on NULL; returns NULL. */
OutputRun *output_run_leave(OutputRun *run);

/* True while a program of this output still runs after output_run_leave(). */
bool output_run_is_left(const Publisher *publisher, const char *environment_id, const char *key);

/* Ends all programs and waits for them, when relmand stops. All must have been left before. */
void output_runs_end(Publisher *publisher);
