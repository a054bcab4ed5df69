#pragma once

/* Runs the event loop and measures its turns. A turn is one call of an event source's callback.
 * No client gets an answer until the turn ends. */

#include <systemd/sd-event.h>

#include "http/http.h"

typedef struct LoopTimes {
        HttpLatency turns;
        usec_t longest; /* since the start */
} LoopTimes;

typedef struct LoopStalls {
        LoopTimes wall; /* durations of turns */
        LoopTimes cpu;  /* processor time of turns: not longer on a busy machine */
        usec_t used;    /* processor time of the thread up to the last turn */
} LoopStalls;

/* Runs until sd_event_exit() is called, as sd_event_loop() does. Reads both clocks once a turn. */
int loop_run(sd_event *event, LoopStalls *stalls);
