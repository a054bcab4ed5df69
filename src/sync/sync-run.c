/* Work of a pass that takes longer than a turn of the loop: one step a turn. */

#include "sync/sync.h"

static void slice_run(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        SyncThen then = sync->then;
        int r = sync->step(sync, &error);

        if (r > 0)
                r = sd_event_source_set_enabled(sync->next_slice, SD_EVENT_ONESHOT);
        else if (r == 0) {
                sync->step = NULL;
                then(sync);
                return;
        }
        if (r < 0 && error.kind == ERROR_NONE)
                (void)error_set(&error, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        if (r < 0)
                sync_end(sync, &error);
}

/* A timer that has run out, not a defer source: those come before all others for as long as they
 * are on, and nobody else would have a turn until the last slice is done. */
static int on_slice(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        slice_run(userdata);
        return 0;
}

void sync_slices(Sync *sync, SyncStep step, SyncThen then)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = 0;

        sync->step = step;
        sync->then = then;
        if (!sync->next_slice) {
                r = sd_event_add_time(sync->component->poller->control->event, &sync->next_slice,
                                      CLOCK_MONOTONIC, 0, 1, on_slice, sync);
                if (r >= 0)
                        r = sd_event_source_set_enabled(sync->next_slice, SD_EVENT_OFF);
        }
        if (r >= 0) {
                slice_run(sync);
                return;
        }
        (void)error_set(&error, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        sync_end(sync, &error);
}
