#pragma once

/* Runs the event loop and measures its turns. A turn is one call of an event source's callback.
 * No client gets an answer until the turn ends. */

#include <systemd/sd-event.h>

#include "http/http.h"

typedef struct LoopStalls {
        HttpLatency turns; /* durations of turns */
        usec_t longest;    /* longest turn since the start */
} LoopStalls;

/* Runs until sd_event_exit() is called, as sd_event_loop() does. Reads the clock once a turn. */
int loop_run(sd_event *event, LoopStalls *stalls);
