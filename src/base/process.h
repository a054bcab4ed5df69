#pragma once

/* Other programs, without a shell: an argument vector, an environment, three descriptors. A process
 * is the leader of a group of its own, has no signal blocked or ignored that we block or ignore,
 * and inherits no other descriptor. */

#include <sys/types.h>

#include "base/error.h"

typedef struct ProcessPlan {
        const char *const *arguments;   /* NULL-ended; the first is the program, searched in PATH */
        const char *const *environment; /* NULL-ended, "NAME=value"; NULL: ours */
        int input, output, error;       /* -1: /dev/null */
} ProcessPlan;

int process_start(const ProcessPlan *plan, pid_t *ret, Error *err);

/* The value that WIFEXITED() and the like take, from what a SIGCHLD says. */
int process_status(int code, int status);
