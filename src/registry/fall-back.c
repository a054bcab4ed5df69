/* When OCI's list is read instead of the list of a registry's own API.
 *
 *   vendor's list --4xx--> OCI's list, for this once --it works--> counted
 *        ^                                                           |
 *        |                                          FALL_BACK_AFTER in a row
 *        |                                                           v
 *        +------------------- after an hour ------------ OCI's list at once
 *
 * A single refusal thus costs one list, not the digests of all polls to come; a repository that the
 * vendor's API never gives costs one more request an hour. What the vendor's list gives in between
 * ends the count. */

#include <stdlib.h>

#include "registry/internal.h"

#define FALL_BACK_AFTER 3
#define FALL_BACK_FOR   (60 * USEC_PER_MIN)

typedef struct FallBack {
        unsigned n_refused; /* in a row, while OCI's list worked */
        usec_t until;       /* monotonic */
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
                return; /* then the vendor's API is asked again next time */
        if (state->n_refused < FALL_BACK_AFTER)
                state->n_refused++;
        if (state->n_refused == FALL_BACK_AFTER)
                state->until = now + FALL_BACK_FOR;
}

void fall_back_worked(Registry *registry, const char *repository)
{
        free(map_remove(&registry->fall_backs, repository));
}

void fall_backs_free(Registry *registry)
{
        map_foreach (&registry->fall_backs, entry)
                free(entry->value);
        map_done(&registry->fall_backs);
}
