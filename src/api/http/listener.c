#include "api/http/listener.h"

/* A time that is long past is not rounded to a later one, as the present is: the next part of an
 * answer would come a millisecond later. Other sources have their turn first in any case. */
int listener_run_after(Listener *listener, usec_t wait)
{
        int r = wait > 0 ? sd_event_source_set_time_relative(listener->timer, wait)
                         : sd_event_source_set_time(listener->timer, 0);

        return r < 0 ? r : sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

/* Nothing else may make the daemon run. */
void listener_kick(Listener *listener)
{
        listener->is_kicked = true;
        (void)listener_run_after(listener, 0); /* the timer is ours */
}
