#pragma once

/* The gates of a promotion outside of promotion.c, and how each gate answers. */

#include "release/promotion.h"

/* promotion-answer.c: sets an answer. Callers pass the result of an arena function as message: if
 * it is NULL, memory ran out, and -ENOMEM is returned. */
int promotion_answer(Promotion *ret, PromotionDecision decision, const char *reason,
                     const char *message);
/* Sets the answer that the release waits for something. */
int promotion_wait(Promotion *ret, const char *reason, const char *message, const char *waits_for);

/* promotion-source.c: decide where the release must have been deployed before, and how long. */
int promotion_gate_source(const PromotionInput *input, Arena *arena, Promotion *ret);
int promotion_gate_soak(const PromotionInput *input, Arena *arena, Promotion *ret);

/* promotion-approvals.c: decides whether enough persons approved the release. */
int promotion_gate_approvals(const PromotionInput *input, Arena *arena, Promotion *ret);

/* promotion-checks.c: decides whether the checks before the promotion passed. */
int promotion_gate_checks(const PromotionInput *input, Arena *arena, Promotion *ret);
