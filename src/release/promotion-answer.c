#include <errno.h>

#include "release/promotion-gates.h"

int promotion_answer(Promotion *ret, PromotionDecision decision, const char *reason,
                     const char *message)
{
        *ret = (Promotion){ .decision = decision, .reason = reason, .message = message };
        return message ? 0 : -ENOMEM;
}

int promotion_wait(Promotion *ret, const char *reason, const char *message, const char *waits_for)
{
        int r = promotion_answer(ret, PROMOTION_WAIT, reason, message);

        ret->waits_for = waits_for;
        return waits_for ? r : -ENOMEM;
}
