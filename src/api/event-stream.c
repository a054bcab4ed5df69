/* Sends events as a stream (text/event-stream): the stored events after a sequence number, then new
 * ones. A follower sleeps until the store has new events, or until a keep-alive is due. If a client
 * does not read, relmand sends no more than the socket holds, and closes the connection like other
 * idle ones. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "api/entity.h"
#include "api/handlers.h"
#include "api/http/access.h"
#include "base/limits.h"
#include "base/log.h"
#include "model/schema/json-writer.h"

#define BATCH         100
#define BLOCK         ((size_t)32 * 1024)
#define SIGN_INTERVAL (15 * USEC_PER_SEC)

typedef struct Follower Follower;
struct Follower {
        Follower *next; /* next one in api->followers */
        Request *request;
        int64_t after;
        char *tenant; /* the only tenant that the caller may see; NULL: all */
        Buffer out;
        size_t sent; /* bytes of out that were sent */
        Arena arena; /* memory of one batch */
        sd_event_source *hangup;
        bool is_asleep, is_over, sign;
};

void entity_event(Json *json, const Event *event)
{
        json_begin(json, NULL, '{');
        json_int(json, "sequence", event->sequence);
        json_text(json, "id", event->id.text);
        json_text(json, "type", event_type_to_string(event->type));
        json_text(json, "kind", object_kind_to_string(event->kind));
        json_text(json, "objectId", event->object_id);
        json_text(json, "objectName", event->object_name);
        json_time(json, "at", event->at);
        json_raw(json, "data", event->data);
        json_end(json, '}');
}

static void follower_wake(Follower *follower)
{
        if (!follower->is_asleep)
                return;
        follower->is_asleep = false;
        MHD_resume_connection(follower->request->connection);
        listener_kick(follower->request->listener);
}

static Follower *follower_free(Follower *follower)
{
        if (!follower)
                return NULL;
        for (Follower **at = &follower->request->api->followers; *at; at = &(*at)->next)
                if (*at == follower) {
                        *at = follower->next;
                        break;
                }
        sd_event_source_disable_unref(follower->hangup); /* while the socket is open: epoll forgets
                                                          * a closed one by itself */
        buffer_done(&follower->out);
        arena_done(&follower->arena);
        free(follower->tenant);
        free(follower);
        return NULL;
}
DEFINE_FREEP(Follower, follower_free)

static void follower_cancel(void *follower)
{
        follower_free(follower);
}

size_t followers_count(const Api *api)
{
        size_t n = 0;

        for (const Follower *follower = api->followers; follower; follower = follower->next)
                n++;
        return n;
}

void followers_end(Api *api)
{
        for (Follower *follower = api->followers; follower; follower = follower->next) {
                follower->is_over = true;
                follower_wake(follower);
        }
}

/* --- events to send --------------------------------------------------------------------------- */

static int follower_fill(Follower *follower, Error *err)
{
        Request *request = follower->request;
        const EventFilter filter = { .after = follower->after, .limit = BATCH };
        Events events;
        int r;

        r = store_tenant_events(reconciler_store(request->api->reconciler), request_tenant(request),
                                &filter, &follower->arena, &events, err);
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
        arena_clear(&follower->arena);
        return follower->out.failed ? error_oom(err) : 0;
}

/* Frees the memory of the last batch, because a follower may sleep for days. */
static void follower_empty(Follower *follower)
{
        if (follower->out.capacity > BLOCK)
                buffer_done(&follower->out);
        buffer_clear(&follower->out);
        follower->sent = 0;
        arena_clear(&follower->arena);
}

/* False if the caller lost access: the token was revoked, has expired or belongs to another tenant
 * now. The memory of the check is freed with the batch, because a stream makes many checks. */
static bool may_still(Follower *follower)
{
        Request *request = follower->request;
        const char *principal = request->principal, *tenant = request->tenant,
                   *person = request->person;
        const Arena arena = request->arena;
        bool may;

        request->arena = follower->arena;
        may = request_may(request) && streq(request->principal, principal) &&
              str_equal(request->tenant, tenant);
        follower->arena = request->arena;
        request->arena = arena;
        request->principal = principal;
        request->tenant = tenant;
        request->person = person;
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
                follower_empty(follower);
                if (!may_still(follower))
                        return MHD_CONTENT_READER_END_OF_STREAM;
                if (follower_fill(follower, &error) < 0) {
                        /* no log entry if other requests hold the memory: the client reconnects
                         * and continues after its last event */
                        if (!follower->request->memory.is_short ||
                            follower->request->memory.is_over)
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

/* --- wake-ups --------------------------------------------------------------------------------- */

/* Called after a commit, possibly deep inside another function. So this only schedules the wake-up
 * of the followers for a later turn of the loop. */
static void on_events(void *userdata)
{
        Api *api = userdata;

        if (api->followers)
                /* cannot fail: the event source exists */
                (void)sd_event_source_set_enabled(api->added, SD_EVENT_ONESHOT);
}

static int on_events_added(sd_event_source *source, void *userdata)
{
        Api *api = userdata;

        (void)source;
        for (Follower *follower = api->followers; follower; follower = follower->next)
                follower_wake(follower);
        return 0;
}

static int on_sign(sd_event_source *source, usec_t usec, void *userdata)
{
        Api *api = userdata;

        (void)usec;
        for (Follower *follower = api->followers; follower; follower = follower->next) {
                follower->sign = true;
                follower_wake(follower);
        }
        if (sd_event_source_set_time_relative(source, SIGN_INTERVAL) < 0)
                return 0; /* without the timer no keep-alives are sent, and idle streams end */
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int followers_init(Api *api, Error *err)
{
        int r;

        r = sd_event_add_defer(api->event, &api->added, on_events_added, api);
        if (r >= 0)
                r = sd_event_source_set_enabled(api->added, SD_EVENT_OFF);
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
        sd_event_source_disable_unref(api->added);
        sd_event_source_disable_unref(api->sign);
}

/* --- the answer ------------------------------------------------------------------------------- */

/* True if another stream may be opened. There are limits for all streams, for streams over TCP, and
 * for streams with tokens of one tenant. */
static bool has_place(const Request *request)
{
        size_t n = 0, n_tcp = 0, n_tenant = 0;

        for (const Follower *other = request->api->followers; other; other = other->next) {
                bool is_tcp = !other->request->listener->is_local;

                n++;
                n_tcp += is_tcp;
                n_tenant += is_tcp && str_equal(other->tenant, request->tenant);
        }
        if (request->listener->is_local)
                return n < API_FOLLOWERS_MAX;
        return n < API_FOLLOWERS_MAX && n_tcp < API_FOLLOWERS_TCP_MAX &&
               n_tenant < API_FOLLOWERS_TENANT_MAX;
}

/* Called when the client closes the connection or its sending side. libmicrohttpd does not watch a
 * suspended connection. A client that closed only its sending side may still read. So the server
 * writes a keep-alive, which fails at once if the client closed both sides. */
static int on_hangup(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Follower *follower = userdata;
        bool is_gone = revents & (EPOLLHUP | EPOLLERR);

        (void)fd;
        follower->sign = true;
        follower_wake(follower);
        return is_gone ? sd_event_source_set_enabled(source, SD_EVENT_OFF)
                       : sd_event_source_set_io_events(source, 0);
}

static int watch_hangup(Follower *follower, Error *err)
{
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(
                follower->request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        int r = info ? sd_event_add_io(follower->request->api->event, &follower->hangup,
                                       info->connect_fd, EPOLLRDHUP, on_hangup, follower)
                     : -EBADF;

        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

int follow_events(Request *request, int64_t after, Error *err)
{
        _cleanup_(follower_freep) Follower *follower = NULL;
        int r;

        if (!has_place(request)) {
                request_problem(
                        request, 503,
                        "too many streams of events are open already, at most %d in all and "
                        "%d with tokens of one tenant; ask for pages instead",
                        API_FOLLOWERS_MAX, API_FOLLOWERS_TENANT_MAX);
                request_header_out(request, "Retry-After", "30");
                return 0;
        }
        follower = calloc(1, sizeof(*follower));
        if (!follower)
                return error_oom(err);
        follower->request = request;
        follower->after = after;
        arena_init(&follower->arena, API_REQUEST_MAX);
        follower->arena.quota = &request->memory;
        buffer_init(&follower->out, API_ANSWER_MAX);
        follower->out.quota = &request->memory;
        follower->tenant = request->tenant ? strdup(request->tenant) : NULL;
        if (request->tenant && !follower->tenant)
                return error_oom(err);
        r = watch_hangup(follower, err);
        if (r < 0)
                return r;
        follower->next = request->api->followers;
        request->api->followers = follower;
        /* the stream begins with a comment, which shows the client that it is open */
        follower->sign = true;
        request_stream(request, on_read, follower_cancel, TAKE(follower));
        return 0;
}
