/* The requests of a pass that are in progress. */

#include "sync/sync.h"

/* True if the error concerns only one tag. Any other error ends the pass, because the registry
 * cannot be used. */
static bool is_of_the_tag(const Error *error)
{
        return error->kind == ERROR_NOT_FOUND || error->kind == ERROR_HOSTILE ||
               error->kind == ERROR_INVALID;
}

bool sync_take_back(SyncCall *call, const Error *error)
{
        call->call = NULL;
        call->sync->n_calls--;
        return !error || is_of_the_tag(error);
}

SyncCall *sync_free_call(Sync *sync)
{
        for (size_t i = 0; i < SYNC_WINDOW; i++)
                if (!sync->calls[i].call)
                        return &sync->calls[i];
        return NULL;
}
