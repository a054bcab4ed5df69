#pragma once

/* Runs the command of one step, and says why it failed. Shared by pushes and fetches. */

#include "base/buffer.h"
#include "git/step.h"

/* bytes of a command's output that are kept, unless the output is data */
#define GIT_OUTPUT_MAX ((size_t)256 * 1024)

typedef struct GitStepRun {
        Programs *programs;
        GitStep step;
        const GitRemote *remote;
        const GitStepInput *values;
        const Buffer *input; /* standard input; NULL: none */
        size_t output_max;
        ProgramDone done;
        void *userdata;
} GitStepRun;

int git_step_start(const GitStepRun *plan, ProgramRun **ret, Error *err);

/* True if the command ended with status 0. */
bool git_step_succeeded(const ProgramEnd *end);

/* Returns why a command failed: what it printed, or how it ended. The text is in the arena. NULL:
 * no memory. */
const char *git_step_reason(const ProgramEnd *end, const GitRemote *remote, Arena *arena);
