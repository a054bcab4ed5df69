#include "release/fallback.h"

#include <errno.h>

int fallback_decide(const FallbackInput *input, Arena *arena, const char **ret)
{
        const EnvironmentSpec *environment = input->environment;
        usec_t created_at = input->before->created_at, limit = environment->rollback_max_age;
        /* if the clock was set back, the age is 0 */
        usec_t age = input->now > created_at ? input->now - created_at : 0;
        char made[TIME_TEXT_SIZE], most[DURATION_TEXT_SIZE];

        *ret = NULL;
        if (environment->on_failure == FAILURE_HOLD)
                *ret = "onFailure is hold";
        else if (input->was_rollback)
                *ret = "the failed promotion was a roll back from it";
        else if (limit > 0 && age > limit) {
                *ret = arena_printf(arena, "it was made at %s, more than %s ago (rollbackMaxAge)",
                                    time_format(created_at, made), duration_format(limit, most));
                return *ret ? 0 : -ENOMEM;
        }
        return 0;
}
