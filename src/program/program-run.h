#pragma once

/* Runs programs beside the event loop. relmand watches each program until its end, even after the
 * owner left the run. So relmand reaps each process, and an owner can wait for the end of all its
 * runs.
 *
 *   running --ends--> done is called
 *      |  \--timeout--> SIGTERM --5 s--> SIGKILL --ends--> done is called
 *      \--program_run_leave--> SIGTERM --5 s--> SIGKILL --ends--> left_ended is called
 *
 * Signals go to the process group of the program. If relmand asked the program to end, it then
 * kills the processes of the group that remain. */

#include <systemd/sd-event.h>

#include "base/digest.h"
#include "base/process.h"
#include "base/time.h"
#include "base/uuid.h"

typedef struct ProgramRun ProgramRun;

/* All running programs of one controller. */
typedef struct Programs {
        sd_event *event;
        ProgramRun *runs;
        size_t n; /* number of runs, including those whose owner left them */
        /* called when a program has ended whose owner left it; may be NULL */
        void (*left_ended)(const char *owner, void *userdata);
        void (*turned)(void *userdata); /* called after each callback; may be NULL */
        void *userdata;
} Programs;

/* How a program ended. */
typedef struct ProgramEnd {
        int status; /* as for WIFEXITED() and WEXITSTATUS() */
        bool timed_out;
        const char *output; /* the end of the output of the program, if output_max is set;
                             * borrowed, any bytes */
        size_t output_size;
        uint64_t n_dropped; /* number of dropped bytes before `output` */
} ProgramEnd;
typedef void (*ProgramDone)(const ProgramEnd *end, void *userdata);

typedef struct ProgramPlan {
        const ProcessPlan *process;
        usec_t timeout;
        /* If not 0, relmand keeps the end of the program's output: at most this many bytes of
         * standard output and standard error together. When the program ends, relmand kills the
         * other processes of its group. 0: the process plan decides where the output goes, and the
         * other processes may stay. */
        size_t output_max;
        const char *owner; /* the id of an object */
        const char *key;   /* identifies the program among those of the owner */
        ProgramDone done;
        void *userdata;
} ProgramPlan;

int program_run_start(Programs *programs, const ProgramPlan *plan, ProgramRun **ret, Error *err);

/* Sends SIGTERM to the program. done is not called. Safe on NULL; returns NULL. */
ProgramRun *program_run_leave(ProgramRun *run);

/* True while a program with this owner and key still runs after program_run_leave(). */
bool programs_have_left(const Programs *programs, const char *owner, const char *key);

/* Ends all programs and waits for them. relmand calls this when it stops, after it left all runs.
 */
void programs_end(Programs *programs);
