#pragma once

/* A timer that is set anew far more often than it fires: the kernel is only told when it must fire
 * earlier than it would; one that fires too early goes to sleep again. */

#include <systemd/sd-event.h>

#include "base/time.h"

typedef struct LazyTimer {
        sd_event_source *source;
        usec_t at;       /* monotonic, wanted; USEC_INFINITY: never */
        usec_t armed_at; /* what the kernel was told; USEC_INFINITY: nothing */
        void (*fire)(void *userdata);
        void *userdata;
} LazyTimer;

int lazy_timer_init(LazyTimer *timer, sd_event *event, void (*fire)(void *userdata),
                    void *userdata);
void lazy_timer_done(LazyTimer *timer);

/* Fires once. USEC_INFINITY: never. */
int lazy_timer_set(LazyTimer *timer, usec_t at);
