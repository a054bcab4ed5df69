#pragma once

/* Starts programs without a shell. A program gets arguments, an environment and three descriptors.
 * It leads its own process group, has no blocked signals and the default action for SIGPIPE. It
 * inherits no other descriptor if all descriptors of this process are close-on-exec. */

#include <sys/types.h>

#include "base/error.h"

typedef struct ProcessPlan {
        const char *const *arguments;   /* NULL-ended; the first is the program, searched in PATH */
        const char *const *environment; /* NULL-ended, "NAME=value"; NULL: inherited */
        int input, output, error;       /* -1: /dev/null */
} ProcessPlan;

int process_start(const ProcessPlan *plan, pid_t *ret, Error *err);

/* Converts si_code and si_status of a SIGCHLD to a wait status, as WIFEXITED() and similar macros
 * take it. */
int process_status(int code, int status);
