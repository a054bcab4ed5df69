#pragma once

/* The gates of a promotion outside of promotion.c, and how each gate answers. */

#include "release/promotion.h"

/* promotion-answer.c: message was made in an arena; NULL: -ENOMEM. */
int promotion_answer(Promotion *ret, PromotionDecision decision, const char *reason,
                     const char *message);
/* The release waits for something. */
int promotion_wait(Promotion *ret, const char *reason, const char *message, const char *waits_for);

/* promotion-source.c: where the release was deployed before, and how long. */
int promotion_gate_source(const PromotionInput *input, Arena *arena, Promotion *ret);
int promotion_gate_soak(const PromotionInput *input, Arena *arena, Promotion *ret);

/* promotion-approvals.c: the persons who must approve the release. */
int promotion_gate_approvals(const PromotionInput *input, Arena *arena, Promotion *ret);
