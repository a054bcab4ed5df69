#include "reconcile/loop.h"

static int run_turn(sd_event *event, LoopStalls *stalls)
{
        usec_t begin = 0, took;
        int r;

        r = sd_event_prepare(event);
        if (r == 0)
                r = sd_event_wait(event, UINT64_MAX);
        if (r <= 0)
                return r;
        /* the time at which the wait ended, which the event loop has read already */
        r = sd_event_now(event, CLOCK_MONOTONIC, &begin);
        if (r < 0)
                return r;
        r = sd_event_dispatch(event);
        took = time_monotonic();
        took -= MIN(begin, took);
        http_latency_note(&stalls->turns, took);
        stalls->longest = MAX(stalls->longest, took);
        return r;
}

int loop_run(sd_event *event, LoopStalls *stalls)
{
        int r = 0, code = 0;

        while (r >= 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
                r = run_turn(event, stalls);
        if (r >= 0)
                r = sd_event_get_exit_code(event, &code);
        return r < 0 ? r : code;
}
