#include "api/http/listener.h"

/* A time far in the past is not rounded up, as the present is; otherwise the next part of an answer
 * would be a millisecond late. Other sources run first in any case. */
int listener_run_after(Listener *listener, usec_t wait)
{
        int r = wait > 0 ? sd_event_source_set_time_relative(listener->timer, wait)
                         : sd_event_source_set_time(listener->timer, 0);

        return r < 0 ? r : sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

/* Schedules a run of the daemon; nothing else makes it run. */
void listener_kick(Listener *listener)
{
        listener->is_kicked = true;
        (void)listener_run_after(listener, 0); /* the timer belongs to the listener */
}
