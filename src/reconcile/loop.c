#include "reconcile/loop.h"

#include <time.h>

static usec_t loop_cpu_time(void)
{
        struct timespec used = { 0 };

        /* cannot fail: every Linux has this clock */
        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        return (usec_t)used.tv_sec * USEC_PER_SEC + (usec_t)used.tv_nsec / 1000;
}

static void loop_note(LoopTimes *times, usec_t took)
{
        http_latency_note(&times->turns, took);
        times->longest = MAX(times->longest, took);
}

static int run_turn(sd_event *event, LoopStalls *stalls)
{
        usec_t begin = 0, end, used;
        int r;

        r = sd_event_prepare(event);
        if (r == 0)
                r = sd_event_wait(event, UINT64_MAX);
        if (r <= 0)
                return r;
        /* the time at which the wait ended; sd-event has read the clock already */
        r = sd_event_now(event, CLOCK_MONOTONIC, &begin);
        if (r < 0)
                return r;
        r = sd_event_dispatch(event);
        end = time_monotonic();
        loop_note(&stalls->wall, end - MIN(begin, end));
        used = loop_cpu_time(); /* includes a few microseconds between the turns */
        loop_note(&stalls->cpu, used - stalls->used);
        stalls->used = used;
        return r;
}

int loop_run(sd_event *event, LoopStalls *stalls)
{
        int r = 0, code = 0;

        stalls->used = loop_cpu_time();
        while (r >= 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
                r = run_turn(event, stalls);
        if (r >= 0)
                r = sd_event_get_exit_code(event, &code);
        return r < 0 ? r : code;
}
