#pragma once

/* Reads what the gate of windows needs: the compiled windows of the environment and of its
 * calendars. */

#include "control/control.h"
#include "release/promotion.h"

/* Completes an input that has an environment. The calendars are those of the model. Windows that
 * cannot be read are no error: see windows_problem. */
int gate_windows_read(const Control *control, const Model *model, Arena *arena,
                      PromotionInput *input, Error *err);
