/* Begins the rounds of a pass in the background. */

#include "base/limits.h"
#include "sync/sync.h"

/* Number of tags of the first round. Each later round has four times as many, because the end of a
 * round compares the stored versions of all earlier rounds. */
#define ROUND_FIRST  1000
#define ROUND_GROWTH 4

/* Begins a round. The next stage stores a row for each tag, before more digests are requested. The
 * rows record which tags the first list had. */
int sync_begin_round(Sync *sync, usec_t until, Error *err)
{
        ComponentState *component = sync->component;
        int r;

        (void)until;
        sync_forget_versions(sync);
        r = store_channels(component->poller->control->store, component->id.text, &sync->arena,
                           &sync->channels, err);
        return r < 0 ? r : SYNC_NEXT;
}

int sync_write_round_rows(Sync *sync, usec_t until, Error *err)
{
        int r = sync_write_rows(sync, until, err);

        if (r != SYNC_NEXT)
                return r;
        if (!sync->owes_versions)
                return sync_to(sync, SYNC_PLACE);
        sync->owes_versions = false;
        return SYNC_NEXT;
}

/* Called when all rows are stored. Continues with requests for digests if there is a place in the
 * background. */
int sync_take_place(Sync *sync, usec_t until, Error *err)
{
        ComponentState *component = sync->component;
        int r;

        (void)until;
        sync_forget_versions(sync);
        schedule_leave(component);
        r = sync_flush(sync, err);
        if (r < 0)
                return r;
        component->owes_versions = component->owes_again = false;
        if (!schedule_take_background(component))
                return sync_ends(sync, SYNC_ENDS_UNTIL_PLACE);
        /* the time for writing rows is not counted */
        component->background_since = time_monotonic();
        sync->round_size = sync->round_size == 0 ? ROUND_FIRST : ROUND_GROWTH * sync->round_size;
        sync->round_left = sync->round_size;
        return sync_to(sync, SYNC_SORT);
}
