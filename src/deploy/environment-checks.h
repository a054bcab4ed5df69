#pragma once

/* The checks of releases in environments: which of them relmand starts or ends by itself. */

#include "deploy/environments.h"
#include "release/checks.h"

/* Advances the checks before the promotion of the input's release: adds to changes the results of
 * those that start and of those that are late, with their events. input->checks then has these
 * results. Running checks of other releases are canceled. Returns 1 if there are new results: the
 * gates must be decided again. */
int environment_advance_checks(const EnvironmentState *environment, PromotionInput *input,
                               Changes *changes, Arena *arena, Error *err);

/* Reads the checks of a promotion that is not confirmed: those that must pass before it is
 * confirmed. Without such a promotion, *ret has no checks. */
int environment_after_checks(const EnvironmentState *environment, const Deployment *deployment,
                             Arena *arena, CheckInput *ret, Error *err);
/* Advances these checks. They start if the lockfile is written. deployment has their promotion. */
int environment_advance_after(const EnvironmentState *environment, const Deployment *deployment,
                              CheckInput *input, Changes *changes, Arena *arena, Error *err);

/* Adds the result of a check to changes, and its event unless it is running. */
void environment_add_check(const EnvironmentState *environment, const char *release,
                           const CheckResult *result, Changes *changes);
