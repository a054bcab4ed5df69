#pragma once

/* A timer that is set much more often than it fires. The event source is changed only if it must
 * fire earlier; if it fires too early it is armed again. */

#include <systemd/sd-event.h>

#include "base/time.h"

typedef struct LazyTimer {
        sd_event_source *source;
        usec_t at;       /* monotonic, requested; USEC_INFINITY: never */
        usec_t armed_at; /* of the event source; USEC_INFINITY: not armed */
        void (*fire)(void *userdata);
        void *userdata;
} LazyTimer;

int lazy_timer_init(LazyTimer *timer, sd_event *event, void (*fire)(void *userdata),
                    void *userdata);
void lazy_timer_done(LazyTimer *timer);

/* Fires once. USEC_INFINITY: never. */
int lazy_timer_set(LazyTimer *timer, usec_t at);
