#pragma once

/* Decides the gate of an environment's windows and calendars, which is open or closed at a time,
 * whatever the release. While it is closed a person may restore, with a reason, a release that was
 * deployed there before. */

#include "release/promotion.h"

/* Decides the gate. Returns 0 or -ENOMEM. */
int promotion_gate_windows(const PromotionInput *input, Arena *arena, Promotion *ret);
