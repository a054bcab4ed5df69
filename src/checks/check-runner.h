#pragma once

/* Controller: runs the checks that the configuration names, for releases in environments.
 *
 * The database decides which checks run. When the runner handles KEY_CHECKS, it starts the checks
 * that have status `running` in the database but do not run yet. It ends the runs of all others.
 * So relmand runs its checks again after it was killed. A run gives no result if its check was
 * reported, canceled, removed or replaced meanwhile.
 *
 *   waiting --there is room--> running --its program ends--> check_ended() of ControlCalls
 *      |                          |
 *      `-- not running in the database any more ----> ended, without a result */

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

/* Adds KEY_CHECKS for the environments of a newly active model whose checks relmand runs, and for
 * all environments with runs. */
void check_runner_adopt(CheckRunner *runner, const Model *model);

/* Handles KEY_CHECKS. The id of the key is the id of an environment. */
usec_t check_runner_reconcile(CheckRunner *runner, const char *environment_id);

void check_runner_count(const CheckRunner *runner, size_t *ret_waiting, size_t *ret_running);
bool check_runner_is_idle(const CheckRunner *runner); /* true if no check waits or runs */
