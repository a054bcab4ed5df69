#pragma once

/* Decides what follows the failure of a promotion: relmand restores the release that was deployed
 * before, or the failed release stays in the lockfile. Pure. */

#include "base/arena.h"
#include "model/environment.h"

typedef struct FallbackInput {
        const EnvironmentSpec *environment;
        const Release *before; /* the release that was deployed before */
        bool was_rollback;     /* the failed promotion was a roll back from that release */
        usec_t now;            /* wall clock */
} FallbackInput;

/* Sets *ret to the reason why relmand does not restore the release, as the end of a sentence; NULL:
 * relmand restores it. Returns 0 or -ENOMEM. */
int fallback_decide(const FallbackInput *input, Arena *arena, const char **ret);
