#pragma once

/* Finds the desired release of an environment from its spec, its hold and what it follows. */

#include "deploy/environments.h"
#include "release/checks.h"
#include "store/releases.h"

typedef struct Wanted {
        Release release;
        bool has_release;
        const char *missing; /* why there is no release; NULL: there is one, or none is requested */
        const char *by;      /* who requested the release */
        Failure failure;     /* the release's last failure in this environment */
        Hold hold;
        bool has_hold, on_hold; /* has_hold without on_hold: the hold does not apply, because the
                                   spec names a release */
        bool is_retry_over;     /* the hold requests another attempt of a release that is no longer
                                   desired */
} Wanted;

/* Returns the desired release: the spec names it, otherwise a hold, otherwise the stream or
 * environment that this environment follows. */
int environment_wanted(EnvironmentState *environment, Arena *arena, Wanted *ret, Error *err);
/* Does the same, and evaluates the gates. Sets ret_input from the desired release. */
int environment_plan(EnvironmentState *environment, Arena *arena, Wanted *ret,
                     PromotionInput *ret_input, Promotion *ret_promotion, Error *err);

/* environment-pending.c: sets what a promotion waits for.
 * - environment_pending_check(): all gates are open, only the check of digests is missing.
 * - environment_pending_promotion(): the promotion is stored, but not confirmed. after: its checks.
 * The message may be borrowed from the check. Returns 1, or -ENOMEM. */
int environment_pending_check(const EnvironmentState *environment, const Release *release,
                              Arena *arena, Pending *ret);
int environment_pending_promotion(const EnvironmentState *environment, const Deployment *deployment,
                                  const CheckInput *after, Arena *arena, Pending *ret);
