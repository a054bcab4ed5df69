#include "api/http/listener.h"

/* Nothing else may make the daemon run. */
void listener_kick(Listener *listener)
{
        listener->is_kicked = true;
        (void)sd_event_source_set_time_relative(listener->timer, 0); /* the timer is ours */
        (void)sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}
