#pragma once

/* Decides the gate of an environment's windows and calendars. The gate is open or closed at a time,
 * for all releases. While the gate is closed, a person who gives a reason may restore a release
 * that was deployed in the environment before. */

#include "release/promotion.h"

/* Decides the gate. Returns 0 or -ENOMEM. */
int promotion_gate_windows(const PromotionInput *input, Arena *arena, Promotion *ret);
