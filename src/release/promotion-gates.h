#pragma once

/* The gates of a promotion that are not in promotion.c, and functions that set the answer of a
 * gate. */

#include "release/promotion.h"

/* promotion-answer.c: sets an answer. Callers pass the result of an arena function as message. If
 * message is NULL, memory ran out: returns -ENOMEM. */
int promotion_answer(Promotion *ret, PromotionDecision decision, const char *reason,
                     const char *message);
/* Sets the answer that the release waits for something. */
int promotion_wait(Promotion *ret, const char *reason, const char *message, const char *waits_for);

/* promotion-source.c: decide whether the release was deployed in the sources before, and long
 * enough. */
int promotion_gate_source(const PromotionInput *input, Arena *arena, Promotion *ret);
int promotion_gate_soak(const PromotionInput *input, Arena *arena, Promotion *ret);

/* promotion-approvals.c: decides whether enough persons approved the release. */
int promotion_gate_approvals(const PromotionInput *input, Arena *arena, Promotion *ret);

/* promotion-checks.c: decides whether the checks before the promotion passed. */
int promotion_gate_checks(const PromotionInput *input, Arena *arena, Promotion *ret);
