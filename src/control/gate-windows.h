#pragma once

/* Compiles the windows of an environment and of its calendars, for the gate of windows. */

#include "control/control.h"
#include "release/promotion.h"

/* Compiles the windows of input->environment, and of the calendars of model that apply to it, into
 * input->calendars. The caller has set input->environment. If a window cannot be read, sets
 * input->windows_problem instead and returns 0. Fails only if memory runs out. */
int gate_windows_read(const Control *control, const Model *model, Arena *arena,
                      PromotionInput *input, Error *err);
