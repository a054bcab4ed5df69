/* GET /api/v1/registries/{id}/history: the figures of a registry in the last hour. They are in
 * memory, a sample for each minute. Their number is bounded by the number of registries that
 * relmand has a client for. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/lookup.h"
#include "base/limits.h"
#include "base/log.h"
#include "model/schema/json-writer.h"

#define INTERVAL  (60 * USEC_PER_SEC)
#define SAMPLES   60
#define ARENA_MAX ((size_t)16 * 1024 * 1024)
#define KEY_SIZE  (2 * NAME_MAX_ + 2)

/* The figures of one interval. */
typedef struct Sample {
        usec_t at; /* wall: its end */
        uint64_t n_requests, n_failures, n_timed;
        usec_t took;       /* sum of the times of n_timed requests */
        int64_t remaining; /* -1: unknown */
} Sample;

/* The samples of a registry, in a ring. */
typedef struct History {
        char key[KEY_SIZE]; /* TENANT/NAME */
        Sample last;        /* counters at the last sample */
        Sample samples[SAMPLES];
        size_t begin, n;
        uint64_t turn; /* when the registry was last seen */
} History;

struct RegistryHistories {
        Map histories; /* key -> History */
        sd_event_source *timer;
        uint64_t turn;
};

static void write_key(const char *tenant, const char *name, char ret[KEY_SIZE])
{
        (void)snprintf(ret, KEY_SIZE, "%s/%s", tenant, name);
}

/* Returns the growth of a counter. It begins again at 0 if the registry gets another client. */
static uint64_t growth(uint64_t before, uint64_t now)
{
        return now >= before ? now - before : now;
}

static Sample counters_of(const RegistryFigures *figures)
{
        return (Sample){ .at = time_wall(),
                         .n_requests = figures->n_requests,
                         .n_failures = figures->n_failures,
                         .n_timed = figures->latency.n,
                         .took = figures->latency.sum,
                         .remaining = figures->remaining };
}

static Sample sample_of(const Sample *before, const Sample *now)
{
        return (Sample){ .at = now->at,
                         .n_requests = growth(before->n_requests, now->n_requests),
                         .n_failures = growth(before->n_failures, now->n_failures),
                         .n_timed = growth(before->n_timed, now->n_timed),
                         .took = growth(before->took, now->took),
                         .remaining = now->remaining };
}

static void add_sample(History *history, const RegistryFigures *figures)
{
        Sample now = counters_of(figures);

        if (history->n == SAMPLES) {
                history->begin = (history->begin + 1) % SAMPLES;
                history->n--;
        }
        history->samples[(history->begin + history->n++) % SAMPLES] =
                sample_of(&history->last, &now);
        history->last = now;
}

/* Returns the history of a registry. Makes it if the registry is new. NULL: memory ran out. */
static History *history_of(struct RegistryHistories *all, const RegistryFigures *figures)
{
        char key[KEY_SIZE];
        History *history;

        write_key(figures->tenant, figures->name, key);
        history = map_get(&all->histories, key);
        if (history)
                return history;
        history = calloc(1, sizeof(*history));
        if (!history)
                return NULL;
        (void)snprintf(history->key, sizeof(history->key), "%s", key);
        if (map_put(&all->histories, history->key, history, NULL) < 0) {
                free(history);
                return NULL;
        }
        return history;
}

static void forget_unseen(struct RegistryHistories *all)
{
        map_foreach (&all->histories, entry) {
                History *history = entry->value;

                if (history->turn == all->turn)
                        continue;
                (void)map_remove(&all->histories, history->key); /* returns the history */
                free(history);
        }
}

static int take_samples(Api *api)
{
        struct RegistryHistories *all = api->registry_histories;
        _cleanup_(arena_done) Arena arena;
        RegistryFiguresList list;
        int r;

        arena_init(&arena, ARENA_MAX);
        r = poller_registry_figures(reconciler_poller(api->reconciler), &arena, &list);
        if (r < 0)
                return r;
        all->turn++;
        for (size_t i = 0; i < list.n; i++) {
                History *history = history_of(all, &list.items[i]);

                if (!history)
                        return -ENOMEM;
                add_sample(history, &list.items[i]);
                history->turn = all->turn;
        }
        forget_unseen(all);
        return 0;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)usec;
        if (take_samples(userdata) < 0)
                log_warning("api: the figures of registries have a gap: out of memory");
        if (sd_event_source_set_time_relative(source, INTERVAL) < 0)
                return 0; /* without the timer there are no more samples */
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int registry_histories_init(Api *api, Error *err)
{
        int r;

        api->registry_histories = calloc(1, sizeof(*api->registry_histories));
        if (!api->registry_histories)
                return error_oom(err);
        r = sd_event_add_time_relative(api->event, &api->registry_histories->timer, CLOCK_MONOTONIC,
                                       INTERVAL, USEC_PER_SEC, on_timer, api);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

void registry_histories_done(Api *api)
{
        struct RegistryHistories *all = api->registry_histories;

        if (!all)
                return;
        sd_event_source_disable_unref(all->timer);
        map_foreach (&all->histories, entry)
                free(entry->value);
        map_done(&all->histories);
        free(all);
        api->registry_histories = NULL;
}

static void write_sample(Json *json, const Sample *sample)
{
        json_begin(json, NULL, '{');
        json_time(json, "at", sample->at);
        json_int(json, "requests", (int64_t)sample->n_requests);
        json_int(json, "errors", (int64_t)sample->n_failures);
        if (sample->n_timed > 0)
                json_int(json, "latencyMicroseconds", (int64_t)(sample->took / sample->n_timed));
        else
                json_raw(json, "latencyMicroseconds", "null");
        if (sample->remaining >= 0)
                json_int(json, "rateLimitLeft", sample->remaining);
        else
                json_raw(json, "rateLimitLeft", "null");
        json_end(json, '}');
}

/* Writes the samples of a registry, and last one of the minute that has not ended. */
static int write_samples(Request *request, const Object *registry, Json *json, Error *err)
{
        Poller *poller = reconciler_poller(request->api->reconciler);
        const Meta *meta = &registry->meta;
        RegistryFiguresList list;
        const History *history;
        char key[KEY_SIZE];

        if (poller_registry_figures(poller, &request->arena, &list) < 0)
                return error_oom(err);
        write_key(meta->tenant, meta->name, key);
        history = map_get(&request->api->registry_histories->histories, key);
        for (size_t i = 0; history && i < history->n; i++)
                write_sample(json, &history->samples[(history->begin + i) % SAMPLES]);
        for (size_t i = 0; i < list.n; i++) {
                const Sample none = { .at = 0 };
                Sample now, sample;

                if (!streq(list.items[i].tenant, meta->tenant) ||
                    !streq(list.items[i].name, meta->name))
                        continue;
                now = counters_of(&list.items[i]);
                sample = sample_of(history ? &history->last : &none, &now);
                write_sample(json, &sample);
        }
        return 0;
}

int handle_registry_history(Request *request, Error *err)
{
        const Object *registry =
                find_object(request, KIND_REGISTRY, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };
        int r;

        if (!registry)
                return -ENOENT;
        json_begin(&json, NULL, '{');
        json_int(&json, "interval", (int64_t)(INTERVAL / USEC_PER_SEC));
        json_begin(&json, "samples", '[');
        r = write_samples(request, registry, &json, err);
        json_end(&json, ']');
        json_end(&json, '}');
        return r;
}
