#pragma once

/* Runs the event loop and measures its turns. A turn is one call of the callback of an event
 * source. All clients wait until the turn ends. */

#include <systemd/sd-event.h>

#include "http/http.h"

typedef struct LoopTimes {
        HttpLatency turns;
        usec_t longest; /* since the start */
} LoopTimes;

typedef struct LoopStalls {
        LoopTimes wall; /* durations of turns */
        LoopTimes cpu;  /* processor time of turns, which other processes do not lengthen */
        usec_t used;    /* processor time of the thread at the end of the last turn */
} LoopStalls;

/* Runs until sd_event_exit() is called, like sd_event_loop(). Reads the monotonic clock and the
 * processor time once a turn. */
int loop_run(sd_event *event, LoopStalls *stalls);
