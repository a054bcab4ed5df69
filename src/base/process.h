#pragma once

/* Starts programs without a shell: an argument vector, an environment, three descriptors. A process
 * leads its own process group. It has default signal handling and inherits no other descriptor. */

#include <sys/types.h>

#include "base/error.h"

typedef struct ProcessPlan {
        const char *const *arguments;   /* NULL-ended; the first is the program, searched in PATH */
        const char *const *environment; /* NULL-ended, "NAME=value"; NULL: ours */
        int input, output, error;       /* -1: /dev/null */
} ProcessPlan;

int process_start(const ProcessPlan *plan, pid_t *ret, Error *err);

/* Converts the fields of a SIGCHLD to the value that WIFEXITED() and the like take. */
int process_status(int code, int status);
