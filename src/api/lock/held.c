#include "api/lock/held.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/limits.h"
#include "store/pages.h"

#define HELD_ARENA_MAX ((size_t)1024 * 1024)

typedef struct Held Held;
struct Held {
        Held *next; /* next one in api->held */
        Request *request;
        ObjectKind kind;
        Uuid id;     /* id of the environment or release */
        char *state; /* result of held_read() when the wait began; owned */
        sd_event_source *deadline, *hangup;
};

/* --- one request ------------------------------------------------------------------------------ */

static Held *held_free(Held *held)
{
        if (!held)
                return NULL;
        for (Held **at = &held->request->api->held; *at; at = &(*at)->next)
                if (*at == held) {
                        *at = held->next;
                        break;
                }
        sd_event_source_disable_unref(held->deadline);
        sd_event_source_disable_unref(held->hangup); /* while the socket is open: epoll forgets a
                                                      * closed one by itself */
        free(held->state);
        free(held);
        return NULL;
}
DEFINE_FREEP(Held, held_free)

static void held_cancel(void *held)
{
        held_free(held);
}

/* Ends the wait, and runs the handler of the request again. */
static void held_end(Held *held)
{
        Request *request = held->request;

        held_free(held);
        request_repeat(request);
}

static int on_deadline(sd_event_source *source, usec_t usec, void *userdata)
{
        Held *held = userdata;

        (void)source, (void)usec;
        held->request->held_until = 1; /* lets the handler answer now */
        held_end(held);
        return 0;
}

/* Called when the client closes the connection or its sending side. libmicrohttpd does not watch a
 * suspended connection. Answers at once, because a client that closed only its sending side may
 * still read. */
static int on_hangup(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void)fd, (void)revents;
        return on_deadline(source, 0, userdata);
}

/* --- the state -------------------------------------------------------------------------------- */

static int held_read_release(Store *store, const char *id, Arena *arena, const char **ret,
                             Error *err)
{
        const char *ids = arena_printf(arena, "[\"%s\"]", id);
        Releases releases;
        int r;

        if (!ids)
                return error_oom(err);
        r = store_page_release_heads(store, ids, arena, &releases, err);
        if (r < 0)
                return r;
        *ret = releases.n > 0 && releases.items[0].status != RELEASE_ARCHIVED
                       ? arena_printf(arena, "%s %s", id, releases.items[0].display_name)
                       : "";
        return *ret ? 0 : error_oom(err);
}

static int held_read_environment(Store *store, const char *id, Arena *arena, const char **ret,
                                 Error *err)
{
        Deployment deployment;
        int r = store_deployment(store, id, arena, &deployment, err);

        *ret = "";
        return r > 0 ? held_read_release(store, deployment.release_id, arena, ret, err) : r;
}

/* Reads the parts of a lockfile that can change: id and display name of the release. Since all
 * other content is fixed, the text changes whenever the lockfile does. "" if there is no lockfile.
 */
static int held_read(const Held *held, Arena *arena, const char **ret, Error *err)
{
        Store *store = reconciler_store(held->request->api->reconciler);

        return held->kind == KIND_RELEASE
                       ? held_read_release(store, held->id.text, arena, ret, err)
                       : held_read_environment(store, held->id.text, arena, ret, err);
}

/* True if the lockfile has changed, or cannot be read. The handler reports a failure. */
static bool held_has_changed(const Held *held)
{
        _cleanup_(error_done) Error unread = { 0 };
        _cleanup_(arena_done) Arena arena;
        const char *state;

        arena_init(&arena, HELD_ARENA_MAX);
        return held_read(held, &arena, &state, &unread) < 0 || !streq(state, held->state);
}

static int held_remember(Held *held, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        const char *state;
        int r;

        arena_init(&arena, HELD_ARENA_MAX);
        r = held_read(held, &arena, &state, err);
        if (r < 0)
                return r;
        held->state = strdup(state);
        return held->state ? 0 : error_oom(err);
}

/* Called after a commit, possibly deep inside another function. So this only schedules the check of
 * held requests for a later turn of the loop. */
static void on_changed(void *userdata)
{
        Api *api = userdata;

        if (api->held)
                /* cannot fail: the event source exists */
                (void)sd_event_source_set_enabled(api->held_turn, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, void *userdata)
{
        Api *api = userdata;
        Held *next;

        (void)source;
        for (Held *held = api->held; held; held = next) {
                next = held->next;
                if (held_has_changed(held))
                        held_end(held);
        }
        return 0;
}

int held_init(Api *api, Error *err)
{
        int r;

        r = sd_event_add_defer(api->event, &api->held_turn, on_turn, api);
        if (r >= 0)
                r = sd_event_source_set_enabled(api->held_turn, SD_EVENT_OFF);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        api->held_watch = (EventWatch){ .deployed = on_changed, .userdata = api };
        store_watch_events(reconciler_store(api->reconciler), &api->held_watch);
        return 0;
}

void held_done(Api *api)
{
        store_unwatch_events(reconciler_store(api->reconciler), &api->held_watch);
        sd_event_source_disable_unref(api->held_turn);
}

/* --- the answer ------------------------------------------------------------------------------- */

/* Returns the seconds that the client wants to wait, at most API_HELD_SECONDS_MAX. 0: the client
 * does not want to wait. Ignores malformed and unknown preferences (RFC 7240, 2). */
static unsigned held_seconds(Request *request)
{
        static const char wait[] = "wait";
        const char *header = request_header(request, "Prefer");

        for (const char *p = header ? header : ""; *p; p += strcspn(p, ","), p += *p == ',') {
                unsigned seconds = 0;
                size_t n_digits;

                p += strspn(p, " \t");
                if (strncasecmp(p, wait, strlen(wait)) != 0)
                        continue;
                p += strlen(wait);
                p += strspn(p, " \t");
                if (*p != '=')
                        continue;
                p += 1 + strspn(p + 1, " \t\"");
                n_digits = strspn(p, "0123456789");
                for (size_t i = 0; i < n_digits && seconds <= API_HELD_SECONDS_MAX; i++)
                        seconds = seconds * 10 + (unsigned)(p[i] - '0');
                return MIN(seconds, API_HELD_SECONDS_MAX);
        }
        return 0;
}

void held_report(Request *request)
{
        unsigned seconds = held_seconds(request);

        if (seconds > 0)
                request_header_out(request, "Preference-Applied",
                                   arena_printf(&request->arena, "wait=%u", seconds));
}

size_t held_count(const Api *api)
{
        size_t n = 0;

        for (const Held *held = api->held; held; held = held->next)
                n++;
        return n;
}

/* True if another request may be held. There are limits for all held requests, for those over TCP,
 * and for those with tokens of one tenant. */
static bool held_has_place(const Request *request)
{
        size_t n = 0, n_tcp = 0, n_tenant = 0;

        for (const Held *other = request->api->held; other; other = other->next) {
                bool is_tcp = !other->request->listener->is_local;

                n++;
                n_tcp += is_tcp;
                n_tenant += is_tcp && str_equal(other->request->tenant, request->tenant);
        }
        if (request->listener->is_local)
                return n < API_HELD_MAX;
        return n < API_HELD_MAX && n_tcp < API_HELD_TCP_MAX && n_tenant < API_HELD_TENANT_MAX;
}

static int held_watch(Held *held, Error *err)
{
        Request *request = held->request;
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        int r = info ? sd_event_add_io(request->api->event, &held->hangup, info->connect_fd,
                                       EPOLLRDHUP, on_hangup, held)
                     : -EBADF;

        if (r >= 0)
                r = sd_event_add_time(request->api->event, &held->deadline, CLOCK_MONOTONIC,
                                      request->held_until, 0, on_deadline, held);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

static int held_refuse(Request *request)
{
        request_problem(
                request, 503,
                "too many requests wait for a lockfile: at most %d in all, %d over TCP and "
                "%d with tokens of one tenant; repeat the request without the header Prefer",
                API_HELD_MAX, API_HELD_TCP_MAX, API_HELD_TENANT_MAX);
        request_header_out(request, "Retry-After", "30");
        return 1;
}

int held_begin(Request *request, ObjectKind kind, const char *id, Error *err)
{
        _cleanup_(held_freep) Held *held = NULL;
        unsigned seconds = held_seconds(request);
        int r;

        if (request->held_until == 0)
                request->held_until = time_monotonic() + seconds * USEC_PER_SEC;
        if (request->held_until <= time_monotonic() || request->server->is_stopping)
                return 0;
        if (!held_has_place(request))
                return held_refuse(request);
        held = calloc(1, sizeof(*held));
        if (!held)
                return error_oom(err);
        held->request = request;
        held->kind = kind;
        (void)snprintf(held->id.text, sizeof(held->id.text), "%s", id);
        r = held_remember(held, err);
        if (r >= 0)
                r = held_watch(held, err);
        if (r < 0)
                return r;
        held->next = request->api->held;
        request->api->held = held;
        request_suspend(request, held_cancel, TAKE(held));
        return 1;
}
