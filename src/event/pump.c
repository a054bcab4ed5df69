#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "event/event.h"
#include "event/internal.h"

#define PRUNE_INTERVAL (60 * USEC_PER_MIN)
#define PRUNE_AGAIN    USEC_PER_SEC
#define PRUNE_ROWS     1000 /* maximum number of events that one changes_prune_events() removes */

/* --- old events ------------------------------------------------------------------------------- */

/* Removes old events that all receivers have received. */
static void prune(EventPump *pump, usec_t now)
{
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        StoreStats before, after;
        int64_t limit = INT64_MAX;

        if (pump->options.keep == 0 || pump->prune_at > now)
                return;
        pump->prune_at = now + PRUNE_INTERVAL;
        for (size_t i = 0; i < pump->n_receivers; i++)
                limit = MIN(limit, pump->receivers[i].stored_position);
        store_stats(pump->store, &before);
        changes_init(&changes);
        changes_prune_events(&changes, limit, time_wall() - pump->options.keep);
        if (store_apply(pump->store, &changes, &error) < 0)
                log_error("old events not removed: %s", error_message(&error));
        store_stats(pump->store, &after);
        if (after.n_rows - before.n_rows >= PRUNE_ROWS)
                pump->prune_at = now + PRUNE_AGAIN; /* more old events may be left */
}

/* --- work ------------------------------------------------------------------------------------- */

static void on_added(void *userdata)
{
        EventPump *pump = userdata;

        for (size_t i = 0; i < pump->n_receivers; i++)
                pump->receivers[i].idle = false;
        event_pump_kick(pump);
}

static int on_work(sd_event_source *source, void *userdata)
{
        EventPump *pump = userdata;
        usec_t now = time_monotonic(), next;
        bool again = false;
        int r;

        (void)source;
        prune(pump, now);
        next = pump->options.keep > 0 ? pump->prune_at : USEC_INFINITY;
        for (size_t i = 0; i < pump->n_receivers; i++) {
                Receiver *receiver = &pump->receivers[i];

                receiver_run(receiver, now);
                if (receiver_is_sending(receiver) || receiver->idle)
                        continue;
                if (receiver->retry_at > now)
                        next = MIN(next, receiver->retry_at);
                else
                        again = true;
        }
        /* use an expired timer: a defer source would run before all other sources */
        if (again)
                next = 0;
        if (next == USEC_INFINITY)
                return sd_event_source_set_enabled(pump->timer, SD_EVENT_OFF);
        r = sd_event_source_set_time(pump->timer, next);
        return r < 0 ? r : sd_event_source_set_enabled(pump->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        event_pump_kick(userdata);
        return 0;
}

/* --- all receivers ---------------------------------------------------------------------------- */

EventPump *event_pump_free(EventPump *pump)
{
        if (!pump)
                return NULL;
        store_unwatch_events(pump->store, &pump->watch);
        for (size_t i = 0; i < pump->n_receivers; i++) {
                _cleanup_(error_done) Error error = { 0 };
                Receiver *receiver = &pump->receivers[i];

                if (receiver->position != receiver->stored_position &&
                    receiver_store(receiver, NULL, &error) < 0)
                        log_error("%s", error_message(&error));
                receiver_done(receiver);
        }
        programs_end(&pump->programs);
        sd_event_source_disable_unref(pump->work);
        sd_event_source_disable_unref(pump->timer);
        free(pump->receivers);
        free(pump);
        return NULL;
}

static int add_sources(EventPump *pump)
{
        int r;

        r = sd_event_add_defer(pump->event, &pump->work, on_work, pump);
        if (r >= 0)
                r = sd_event_add_time(pump->event, &pump->timer, CLOCK_MONOTONIC, 0,
                                      USEC_PER_SEC / 10, on_timer, pump);
        return r < 0 ? r : sd_event_source_set_enabled(pump->timer, SD_EVENT_OFF);
}

int event_pump_new(sd_event *event, Store *store, HttpClient *http, const EventPumpOptions *options,
                   EventPump **ret, Error *err)
{
        EventPump *pump = calloc(1, sizeof(*pump));
        size_t n = options->receivers->n;
        int r;

        if (!pump)
                return error_oom(err);
        pump->event = event;
        pump->programs.event = event;
        pump->store = store;
        pump->options = *options;
        pump->watch = (EventWatch){ .added = on_added, .userdata = pump };
        store_watch_events(store, &pump->watch);
        pump->receivers = calloc(n + 1, sizeof(*pump->receivers));
        r = pump->receivers ? add_sources(pump) : -ENOMEM;
        if (r < 0)
                (void)error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        for (size_t i = 0; i <= n && r >= 0; i++) {
                Receiver *receiver = &pump->receivers[i];

                if (i == n && !(options->journal && log_is_journal()))
                        break;
                receiver->pump = pump;
                receiver->spec = i < n ? &options->receivers->items[i] : NULL;
                pump->n_receivers++;
                r = receiver_open(receiver, http, err);
        }
        if (r < 0) {
                event_pump_free(pump);
                return r;
        }
        *ret = pump;
        return 0;
}

/* --- replay and status ------------------------------------------------------------------------ */

int event_pump_replay(EventPump *pump, const char *name, int64_t after, Changes *changes,
                      Error *err)
{
        for (size_t i = 0; i < pump->n_receivers; i++) {
                Receiver *receiver = &pump->receivers[i];
                int64_t before = receiver->position;
                int r;

                if (!streq(receiver_name(receiver), name))
                        continue;
                receiver_cancel(receiver);
                receiver_clear(receiver);
                receiver->position = after;
                receiver->idle = false;
                r = receiver_store(receiver, changes, err);
                if (r < 0)
                        receiver->position = before;
                event_pump_kick(pump);
                return r;
        }
        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                         "no receiver '%s' in events.webhooks of relmand.yaml", name);
}

size_t event_pump_count(const EventPump *pump)
{
        return pump->options.receivers->n;
}

int event_pump_status(const EventPump *pump, size_t i, Arena *arena, ReceiverStatus *ret,
                      Error *err)
{
        const Receiver *receiver = &pump->receivers[i];
        usec_t now = time_monotonic();
        int r;

        *ret = (ReceiverStatus){
                .spec = receiver->spec,
                .n_delivered = receiver->n_delivered,
                .n_failed = receiver->n_failed,
                .retry_in = receiver->retry_at > now ? receiver->retry_at - now : 0,
        };
        r = store_receiver(pump->store, receiver_name(receiver), arena, &ret->state, err);
        if (r < 0)
                return r;
        /* the stored position may be older, because skip() does not store each position */
        ret->state.n_pending -= receiver->position - ret->state.position;
        ret->state.position = receiver->position;
        ret->state.failing_since = receiver->failing_since;
        ret->state.problem = receiver->problem ? arena_strdup(arena, receiver->problem) : NULL;
        return 0;
}
