/* Events as a stream (text/event-stream): what there is after a sequence, then what comes. A
 * follower is asleep until the store has new events, or until it is time for a sign of life. A
 * client that does not read gets no more than the socket takes, and its connection ends like any
 * other idle one. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "api/access.h"
#include "api/entity.h"
#include "api/handlers.h"
#include "api/json.h"
#include "base/limits.h"
#include "base/log.h"

#define BATCH         100
#define BLOCK         ((size_t)32 * 1024)
#define SIGN_INTERVAL (15 * USEC_PER_SEC)

struct Follower {
        Follower *next; /* in api->followers */
        Request *request;
        int64_t after;
        Buffer out;
        size_t sent; /* of out */
        bool is_asleep, is_over, sign;
};

static void wake(Follower *follower)
{
        if (!follower->is_asleep)
                return;
        follower->is_asleep = false;
        MHD_resume_connection(follower->request->connection);
        listener_kick(follower->request->listener);
}

Follower *follower_free(Follower *follower)
{
        if (!follower)
                return NULL;
        for (Follower **at = &follower->request->api->followers; *at; at = &(*at)->next)
                if (*at == follower) {
                        *at = follower->next;
                        break;
                }
        buffer_done(&follower->out);
        free(follower);
        return NULL;
}

void followers_end(Api *api)
{
        for (Follower *follower = api->followers; follower; follower = follower->next) {
                follower->is_over = true;
                wake(follower);
        }
}

/* --- what there is to tell -------------------------------------------------------------------- */

static int fill(Follower *follower, Error *err)
{
        Request *request = follower->request;
        const EventFilter filter = { .after = follower->after, .limit = BATCH };
        Events events;
        int r;

        buffer_clear(&follower->out);
        follower->sent = 0;
        arena_clear(&request->arena_of_batch);
        r = store_tenant_events(reconciler_store(request->api->reconciler), request_tenant(request),
                                &filter, &request->arena_of_batch, &events, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < events.n; i++) {
                const Event *event = &events.items[i];
                Json json = { .out = &follower->out };

                (void)buffer_printf(&follower->out,
                                    "id: %lld\nevent: %s\ndata: ", (long long)event->sequence,
                                    event_type_to_string(event->type));
                entity_event(&json, event);
                (void)buffer_puts(&follower->out, "\n\n");
                follower->after = event->sequence;
        }
        if (follower->sign)
                (void)buffer_puts(&follower->out, ": still here\n\n");
        follower->sign = false;
        return follower->out.failed ? error_oom(err) : 0;
}

/* A token that was revoked, or has expired, hears no more. */
static bool may_still(Request *request)
{
        bool may = request_may(request);

        buffer_clear(&request->answer.body);
        return may;
}

static ssize_t on_read(void *userdata, uint64_t position, char *data, size_t size)
{
        Follower *follower = userdata;
        _cleanup_(error_done) Error error = { 0 };
        size_t n;

        (void)position;
        if (follower->is_over)
                return MHD_CONTENT_READER_END_OF_STREAM;
        if (follower->sent == follower->out.size) {
                if (!may_still(follower->request))
                        return MHD_CONTENT_READER_END_OF_STREAM;
                if (fill(follower, &error) < 0) {
                        log_error("api: events: %s", error_message(&error));
                        return MHD_CONTENT_READER_END_WITH_ERROR;
                }
        }
        n = MIN(size, follower->out.size - follower->sent);
        if (n == 0) {
                follower->is_asleep = true;
                MHD_suspend_connection(follower->request->connection);
                return 0;
        }
        memcpy(data, follower->out.data + follower->sent, n);
        follower->sent += n;
        return (ssize_t)n;
}

/* --- when ------------------------------------------------------------------------------------- */

/* After a commit: the loop wakes them once it has its turn, for it may be deep in something. */
static void on_events(void *userdata)
{
        Api *api = userdata;

        if (api->followers)
                (void)sd_event_source_set_enabled(api->news, SD_EVENT_ONESHOT); /* it is ours */
}

static int on_news(sd_event_source *source, void *userdata)
{
        Api *api = userdata;

        (void)source;
        for (Follower *follower = api->followers; follower; follower = follower->next)
                wake(follower);
        return 0;
}

static int on_sign(sd_event_source *source, usec_t usec, void *userdata)
{
        Api *api = userdata;

        (void)usec;
        for (Follower *follower = api->followers; follower; follower = follower->next) {
                follower->sign = true;
                wake(follower);
        }
        if (sd_event_source_set_time_relative(source, SIGN_INTERVAL) < 0)
                return 0; /* no more signs: streams that idle end */
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int followers_init(Api *api, Error *err)
{
        int r;

        r = sd_event_add_defer(api->event, &api->news, on_news, api);
        if (r >= 0)
                r = sd_event_source_set_enabled(api->news, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time_relative(api->event, &api->sign, CLOCK_MONOTONIC,
                                               SIGN_INTERVAL, USEC_PER_SEC, on_sign, api);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        api->watch = (EventWatch){ .added = on_events, .userdata = api };
        store_watch_events(reconciler_store(api->reconciler), &api->watch);
        return 0;
}

void followers_done(Api *api)
{
        store_unwatch_events(reconciler_store(api->reconciler), &api->watch);
        sd_event_source_disable_unref(api->news);
        sd_event_source_disable_unref(api->sign);
}

/* --- the answer ------------------------------------------------------------------------------- */

int follow_events(Request *request, int64_t after, Error *err)
{
        Follower *follower;
        size_t n = 0;

        for (const Follower *other = request->api->followers; other; other = other->next)
                n++;
        if (n >= API_FOLLOWERS_MAX) {
                request_problem(request, 503,
                                "%d streams of events are open already; ask for pages instead",
                                API_FOLLOWERS_MAX);
                request_header_out(request, "Retry-After", "30");
                return 0;
        }
        follower = calloc(1, sizeof(*follower));
        if (!follower)
                return error_oom(err);
        follower->request = request;
        follower->after = after;
        buffer_init(&follower->out, API_ANSWER_MAX);
        follower->next = request->api->followers;
        request->api->followers = follower;
        request->follower = follower;
        return 0;
}

/* A comment comes first, so that a client knows at once that it is heard. */
struct MHD_Response *follower_response(Follower *follower)
{
        follower->sign = true;
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, follower, NULL);
}
