#pragma once

/* Runs the event loop and measures its turns. A turn is what one event source does when it is
 * called: no client is answered and nothing else happens until it ends. */

#include <systemd/sd-event.h>

#include "http/http.h"

typedef struct LoopStalls {
        HttpLatency turns; /* how long they took */
        usec_t longest;    /* since the start */
} LoopStalls;

/* As sd_event_loop(): until somebody calls sd_event_exit(). Costs one look at the clock a turn. */
int loop_run(sd_event *event, LoopStalls *stalls);
