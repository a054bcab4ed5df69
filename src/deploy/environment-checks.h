#pragma once

/* Starts and ends the checks of releases in environments. */

#include "deploy/environments.h"
#include "release/checks.h"

/* Advances the checks before the promotion of the input's release: starts checks, and ends those
 * that are late. Adds their results and events to changes, and their results to input->checks.
 * Cancels running checks of other releases. Returns 1 if there are new results: the gates must be
 * evaluated again. */
int environment_advance_checks(const EnvironmentState *environment, PromotionInput *input,
                               Changes *changes, Arena *arena, Error *err);

/* Reads the checks that must pass before a promotion is confirmed. If no promotion waits for its
 * confirmation, *ret has no checks. */
int environment_after_checks(const EnvironmentState *environment, const Deployment *deployment,
                             Arena *arena, CheckInput *ret, Error *err);
/* Advances these checks. They start after the lockfile was written. deployment: the deployment with
 * their promotion. */
int environment_advance_after(const EnvironmentState *environment, const Deployment *deployment,
                              CheckInput *input, Changes *changes, Arena *arena, Error *err);

/* Adds the result of a check to changes, and its event unless the check is running or canceled. */
void environment_add_check(const EnvironmentState *environment, const char *release,
                           const CheckResult *result, Changes *changes);
