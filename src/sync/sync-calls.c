/* The requests of a pass that are in progress. */

#include "sync/sync.h"

/* A problem of one tag stays with the tag; a failure of the registry ends the pass. */
bool sync_is_of_the_tag(const Error *error)
{
        return error->kind == ERROR_NOT_FOUND || error->kind == ERROR_HOSTILE ||
               error->kind == ERROR_INVALID;
}

SyncCall *sync_free_call(Sync *sync)
{
        for (size_t i = 0; i < SYNC_WINDOW; i++)
                if (!sync->calls[i].call)
                        return &sync->calls[i];
        return NULL;
}
