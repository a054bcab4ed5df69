#include "api/http/listener.h"

/* Without a wait, sets the timer to a time long ago. sd-event rounds up times near the present, so
 * the next part of an answer would be a millisecond late. Other sources run first in any case. */
int listener_run_after(Listener *listener, usec_t wait)
{
        int r = wait > 0 ? sd_event_source_set_time_relative(listener->timer, wait)
                         : sd_event_source_set_time(listener->timer, 0);

        return r < 0 ? r : sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

/* Schedules a run of libmicrohttpd's daemon, which otherwise runs only when a socket is ready. */
void listener_kick(Listener *listener)
{
        listener->is_kicked = true;
        (void)listener_run_after(listener, 0); /* cannot fail: the timer exists */
}
