#include "http/lazy-timer.h"

static int arm(LazyTimer *timer)
{
        int r;

        r = sd_event_source_set_time(timer->source, timer->at);
        if (r >= 0)
                r = sd_event_source_set_enabled(timer->source, SD_EVENT_ONESHOT);
        timer->armed_at = r < 0 ? USEC_INFINITY : timer->at;
        return r;
}

static int on_time(sd_event_source *source, usec_t usec, void *userdata)
{
        LazyTimer *timer = userdata;

        (void)source, (void)usec;
        timer->armed_at = USEC_INFINITY;
        if (timer->at == USEC_INFINITY)
                return 0;
        if (time_monotonic() < timer->at)
                return arm(timer);
        timer->at = USEC_INFINITY;
        timer->fire(timer->userdata);
        return 0;
}

int lazy_timer_init(LazyTimer *timer, sd_event *event, void (*fire)(void *userdata), void *userdata)
{
        int r;

        *timer = (LazyTimer){
                .at = USEC_INFINITY,
                .armed_at = USEC_INFINITY,
                .fire = fire,
                .userdata = userdata,
        };
        r = sd_event_add_time(event, &timer->source, CLOCK_BOOTTIME, 0, 1, on_time, timer);
        return r < 0 ? r : sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
}

void lazy_timer_done(LazyTimer *timer)
{
        timer->source = sd_event_source_disable_unref(timer->source);
}

int lazy_timer_set(LazyTimer *timer, usec_t at)
{
        timer->at = at;
        return at < timer->armed_at ? arm(timer) : 0;
}
