#pragma once

/* Controller: runs the checks that the configuration names, for releases in environments.
 *
 * The stored results decide. Each handling of KEY_CHECKS starts what runs in the database but not
 * here, and ends what no longer runs there. So a daemon that was killed runs its checks again, and
 * a check that was reported, canceled, removed or replaced meanwhile has no result.
 *
 *   waiting --there is room--> running --its program ends--> check_ended() of ControlCalls
 *      |                          |
 *      `----- it no longer runs in the database -----> ended, without a result */

#include "control/control.h"
#include "model/check-run.h"
#include "program/program-run.h"

typedef struct CheckRun CheckRun;
typedef struct CheckPool CheckPool;

typedef struct CheckRunner {
        const Control *control;
        Programs programs;
        CheckRun *runs;              /* runs that wait or are in progress, oldest first */
        CheckPool *pools;            /* connections to the servers of HTTP checks */
        uint64_t n_passed, n_failed; /* results since the start */
} CheckRunner;

void check_runner_init(CheckRunner *runner, const Control *control);
void check_runner_done(CheckRunner *runner);

/* Takes over the environments of a model that became active: adds their keys. */
void check_runner_adopt(CheckRunner *runner, const Model *model);

/* Handles KEY_CHECKS, whose id is the id of an environment. */
usec_t check_runner_reconcile(CheckRunner *runner, const char *environment_id);

void check_runner_count(const CheckRunner *runner, size_t *ret_waiting, size_t *ret_running);
bool check_runner_is_idle(const CheckRunner *runner); /* no check waits or runs */
