#pragma once

/* A timer that is set much more often than it fires. Setting the timer to a later time does not
 * change the event source. The source then fires too early, and the timer arms it again for the
 * later time. */

#include <systemd/sd-event.h>

#include "base/time.h"

typedef struct LazyTimer {
        sd_event_source *source;
        usec_t at;       /* requested time, monotonic; USEC_INFINITY: never */
        usec_t armed_at; /* time of the event source; USEC_INFINITY: not armed */
        void (*fire)(void *userdata);
        void *userdata;
} LazyTimer;

int lazy_timer_init(LazyTimer *timer, sd_event *event, void (*fire)(void *userdata),
                    void *userdata);
void lazy_timer_done(LazyTimer *timer);

/* Sets the time when the timer fires, once. USEC_INFINITY: never. Returns a negative errno on
 * failure. */
int lazy_timer_set(LazyTimer *timer, usec_t at);
