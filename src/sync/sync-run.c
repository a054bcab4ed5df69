#include "sync/sync-run.h"

#include "base/log.h"
#include "sync/sync.h"

/* --- end of a pass ---------------------------------------------------------------------------- */

/* Ends the pass until the component gets its turn or share. The next pass reads the list again,
 * because several lists would take too much memory. Due tags without a stored answer stay due. */
static void end_until_turn(Sync *sync)
{
        ComponentState *component = sync->component;

        sync_keep_answers(sync);
        component->rechecked_at = sync->rechecked_at;
        component->sync = NULL;
        component->force_refresh = component->force_refresh || sync->force_refresh;
        sync_waiters_restart(component);
        schedule_leave(component);
        sync_free(sync);
        if (component->turn.waiting)
                log_info("component '%s': more than %d tags: it waits until another large "
                         "repository is compared",
                         component->subject.name, SYNC_LARGE);
        else
                log_info("component '%s': it waits until other repositories are compared, because "
                         "all together have more than %d tags",
                         component->subject.name, SYNC_TOGETHER);
}

static void run_end(Sync *sync)
{
        switch (sync->ending) {
        case SYNC_ENDS: sync_end(sync, NULL); break;
        case SYNC_ENDS_UNTIL_TURN: end_until_turn(sync); break;
        case SYNC_ENDS_UNTIL_PLACE: sync_wait(sync->component); break;
        case SYNC_ENDS_TO_YIELD: sync_yield(sync->component); break;
        }
}

/* --- stages ----------------------------------------------------------------------------------- */

static int on_slice(sd_event_source *source, usec_t usec, void *userdata);

/* Sets a timer to time 0. A defer source would be dispatched before all other sources while it is
 * enabled, so no other source would run until the last slice. */
static int begin_slice(Sync *sync, Error *err)
{
        int r = 0;

        if (sync->next_slice)
                r = sd_event_source_set_enabled(sync->next_slice, SD_EVENT_ONESHOT);
        else
                r = sd_event_add_time(sync->component->poller->control->event, &sync->next_slice,
                                      CLOCK_MONOTONIC, 0, 1, on_slice, sync);
        sync->has_slice = r >= 0;
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

static int run_stages(Sync *sync, Error *err)
{
        usec_t until = time_monotonic() + SYNC_SLICE;
        int r, s = 0;

        do {
                r = sync->steps[sync->stage](sync, until, err);
                if (r == SYNC_NEXT)
                        r = sync_to(sync, sync->stage + 1);
        } while (r == SYNC_AGAIN && time_monotonic() < until);
        if (r == SYNC_AGAIN || r == SYNC_LEAVE)
                s = begin_slice(sync, err);
        return s < 0 ? s : r;
}

/* Runs stages until one must wait or the slice is over. Ends the pass after its last stage or a
 * failure. */
static void run(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = run_stages(sync, &error);

        if (r < 0)
                sync_end(sync, &error);
        else if (r == SYNC_LEAVE)
                sync_leave(sync);
        else if (r == SYNC_DONE)
                run_end(sync);
}

static int on_slice(sd_event_source *source, usec_t usec, void *userdata)
{
        Sync *sync = userdata;

        (void)source, (void)usec;
        sync->has_slice = false;
        run(sync);
        return 0;
}

void sync_go_on(Sync *sync, int r, const Error *error)
{
        if (r < 0)
                sync_end(sync, error);
        else if (r == SYNC_DONE)
                run_end(sync);
        else if (!sync->has_slice)
                run(sync);
}
