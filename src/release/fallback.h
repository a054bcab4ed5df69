#pragma once

/* Decides whether relmand, after a failed promotion, restores the release that was deployed before.
 * Otherwise the failed release stays in the lockfile. Pure. */

#include "base/arena.h"
#include "model/environment.h"

typedef struct FallbackInput {
        const EnvironmentSpec *environment;
        const Release *before; /* the release that was deployed before */
        bool was_rollback;     /* the failed promotion was a roll back from `before` */
        usec_t now;            /* wall clock */
} FallbackInput;

/* Sets *ret to NULL if relmand restores the release. Otherwise sets it to the reason why not, as
 * the end of a sentence. Returns 0 or -ENOMEM. */
int fallback_decide(const FallbackInput *input, Arena *arena, const char **ret);
