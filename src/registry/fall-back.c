/* Decides when relman reads OCI's list instead of the list of the vendor's API.
 *
 *   vendor's list --4xx--> OCI's list, for this once --it works--> counted
 *        ^                                                           |
 *        |                                          FALL_BACK_AFTER in a row
 *        |                                                           v
 *        +------------------- after an hour ------------ OCI's list at once
 *
 * So after a single refusal, the next poll gets the vendor's list with its digests again. For a
 * repository that the vendor's API always refuses, three requests in a row are wasted, then one
 * each hour. A list from the vendor's API resets the count. A vendor's list that is not complete is
 * not requested for an hour. */

#include <stdlib.h>

#include "registry/internal.h"

#define FALL_BACK_AFTER 3
#define FALL_BACK_FOR   (60 * USEC_PER_MIN)

typedef struct FallBack {
        /* refusals of the vendor's API in a row, after which OCI's list was read */
        unsigned n_refused;
        usec_t until;     /* monotonic: until then relman reads OCI's list */
        usec_t all_until; /* monotonic: until then the vendor's list counts as complete */
        char repository[];
} FallBack;

bool fall_back_is_on(const Registry *registry, const char *repository, usec_t now)
{
        const FallBack *state = map_get(&registry->fall_backs, repository);

        return state && state->until > now;
}

static FallBack *fall_back_get(Registry *registry, const char *repository)
{
        FallBack *state = map_get(&registry->fall_backs, repository);
        size_t size = strlen(repository) + 1;

        if (state)
                return state;
        state = calloc(1, sizeof(*state) + size);
        if (!state)
                return NULL;
        memcpy(state->repository, repository, size);
        if (map_put(&registry->fall_backs, state->repository, state, NULL) < 0) {
                free(state);
                return NULL;
        }
        return state;
}

void fall_back_refused(Registry *registry, const char *repository, usec_t now)
{
        FallBack *state = fall_back_get(registry, repository);

        if (!state)
                return; /* memory ran out: the next poll requests the vendor's list again */
        if (state->n_refused < FALL_BACK_AFTER)
                state->n_refused++;
        if (state->n_refused == FALL_BACK_AFTER)
                state->until = now + FALL_BACK_FOR;
}

void fall_back_worked(Registry *registry, const char *repository)
{
        FallBack *state = map_get(&registry->fall_backs, repository);

        if (state && state->all_until > 0)
                state->n_refused = 0;
        else
                free(map_remove(&registry->fall_backs, repository));
}

bool fall_back_lists_all(const Registry *registry, const char *repository, usec_t now)
{
        const FallBack *state = map_get(&registry->fall_backs, repository);

        return state && state->all_until > now;
}

void fall_back_checked(Registry *registry, const char *repository, bool lists_all, usec_t now)
{
        FallBack *state = fall_back_get(registry, repository);

        if (!state)
                return; /* memory ran out: the next poll checks the list again */
        state->until = lists_all ? 0 : now + FALL_BACK_FOR;
        state->all_until = lists_all ? now + FALL_BACK_FOR : 0;
}

void fall_backs_free(Registry *registry)
{
        map_foreach (&registry->fall_backs, entry)
                free(entry->value);
        map_done(&registry->fall_backs);
}
