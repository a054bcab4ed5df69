#pragma once

/* Reads what the gate of windows needs: the compiled windows of the environment and of its
 * calendars, and whether the release was deployed there before. */

#include "control/control.h"
#include "release/promotion.h"

/* Completes an input that has an environment and a release, and sets its time. The calendars are
 * those of the model. Works also for a release that is not stored yet. Windows that cannot be read
 * are no error: see windows_problem. */
int gate_windows_read(const Control *control, const Model *model, usec_t now, Arena *arena,
                      PromotionInput *input, Error *err);
