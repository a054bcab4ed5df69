#pragma once

/* Which release an environment is to have, by its spec, its stream and what people said. */

#include "deploy/environments.h"
#include "store/releases.h"

typedef struct Wanted {
        Release release;
        bool has_release;
        const char *missing; /* NULL: nothing is wanted */
        const char *by;      /* who wants it */
        Failure failure;     /* of the release, when it was there last */
        Hold hold;
        bool has_hold, on_hold; /* it may have no say: the spec names a release */
        bool is_fallback;       /* the hold is of a failure: nobody has looked at it since */
} Wanted;

/* What the spec names; else what people said; else what its stream offers. */
int environment_wanted(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err);
/* The same, and whether it may get there now. input is made of what is wanted. */
int environment_plan(EnvironmentState *environment, Arena *arena, Wanted *ret,
                     PromotionInput *ret_input, Promotion *ret_promotion, Error *err);

/* environment-pending.c: what a release waits for if all gates are open and only the check of its
 * digests is missing; and what a promotion that is stored and not confirmed waits for. The message
 * may be borrowed from the check. Return 1, or -ENOMEM. */
int environment_pending_check(const EnvironmentState *environment, const Release *release,
                              Arena *arena, Pending *ret);
int environment_pending_promotion(const EnvironmentState *environment, const Deployment *deployment,
                                  Arena *arena, Pending *ret);
