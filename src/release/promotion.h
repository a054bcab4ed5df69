#pragma once

/* May a release get to an environment now? Pure: the caller brings what is known. That every digest
 * is still served is asked of the registry afterwards. */

#include "base/arena.h"
#include "model/environment.h"

typedef struct PromotionInput {
        const EnvironmentSpec *environment;
        const Release *release;       /* wanted; NULL: missing says why there is none */
        const char *missing;          /* NULL: nothing is wanted */
        const Deployment *deployment; /* NULL: nothing was ever there */
        bool was_in_source;           /* the release was deployed in promotesFrom */
        size_t n_approvals;           /* persons */
        const char *failure; /* it failed there, or was canceled, for this reason, and nobody asked
                                for it again; NULL: that is not so */
        bool was_canceled;   /* the latter */
} PromotionInput;

typedef enum PromotionDecision {
        PROMOTION_NONE,    /* nothing to do: it is there, or on its way, or nothing is wanted */
        PROMOTION_WAIT,    /* reason says for what */
        PROMOTION_REFUSED, /* reason says why: only people can change that */
        PROMOTION_GO,
} PromotionDecision;

typedef struct Promotion {
        PromotionDecision decision;
        const char *reason; /* one CamelCase word; NULL for NONE and GO */
        const char *message;
        const char *waits_for; /* with WAIT: what the release waits for, as a noun; NULL if there is
                                  none */
        bool needs_action;     /* with WAIT: it goes on only when somebody does something */
} Promotion;

/* -ENOMEM. */
int promotion_decide(const PromotionInput *input, Arena *arena, Promotion *ret);
