#pragma once

/* The gate of an environment's windows and calendars: it is open or closed at a time, whatever the
 * release. A person may restore a release that was deployed there before while it is closed, with a
 * reason. */

#include "release/promotion.h"

/* Returns 0 or -ENOMEM. */
int promotion_gate_windows(const PromotionInput *input, Arena *arena, Promotion *ret);
