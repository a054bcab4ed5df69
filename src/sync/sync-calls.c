/* The requests of a pass that are in progress. */

#include "sync/sync.h"

/* True if the error concerns only one tag. Any other error ends the pass, because the registry
 * cannot be used. Another host, to which the request for one tag was redirected, says nothing about
 * the registry. But while it does not answer requests for manifests, the pass must not continue:
 * another version would become the head. */
static bool is_of_the_tag(const SyncCall *call, const Error *error)
{
        bool asks_for_digest = !call->state && !call->drift;

        switch (error->kind) {
        case ERROR_NOT_FOUND:
        case ERROR_HOSTILE:
        case ERROR_INVALID: return true;
        case ERROR_DENIED: return error->code == HTTP_ELSEWHERE;
        case ERROR_UNREACHABLE: return error->code == HTTP_ELSEWHERE && asks_for_digest;
        default: return false;
        }
}

bool sync_take_back(SyncCall *call, const Error *error)
{
        call->call = NULL;
        call->verification = NULL;
        call->sync->n_calls--;
        return !error || is_of_the_tag(call, error);
}

SyncCall *sync_free_call(Sync *sync)
{
        for (size_t i = 0; i < SYNC_WINDOW; i++)
                if (!sync->calls[i].call && !sync->calls[i].verification)
                        return &sync->calls[i];
        return NULL;
}
