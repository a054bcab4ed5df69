/* The results of stages. */

#include "sync/sync.h"

int sync_to(Sync *sync, SyncStage stage)
{
        sync->stage = stage;
        sync->at = 0;
        return SYNC_AGAIN;
}

int sync_slice(int r, Error *err)
{
        if (r < 0 && err->kind == ERROR_NONE)
                return error_oom(err);
        return r < 0 ? r : r > 0 ? SYNC_AGAIN : SYNC_NEXT;
}

int sync_walk(Sync *sync, TagVisit visit, usec_t until, Error *err)
{
        SyncWalk walk = { sync, err };

        return sync_slice(tag_walk(&sync->tags, &sync->at, visit, &walk, until), err);
}

int sync_ends(Sync *sync, SyncEnding ending)
{
        sync->ending = ending;
        return SYNC_DONE;
}
