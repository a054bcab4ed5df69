#include "api/http/sliced.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"

#define SLICE_TIME (4 * USEC_PER_MSEC)
#define SLICE_SIZE ((size_t)128 * 1024) /* maximum, only of a stream's slice */

typedef struct Sliced {
        struct Sliced *next; /* in server->slices */
        const Slicer *slicer;
        void *state;
        Slice slice;
        Arena arena;       /* memory of one slice: request->arena while the slice is made */
        Arena kept;        /* the arena of the request, while a slice is made */
        size_t sent;       /* bytes of the slice that were sent */
        bool is_queued;    /* waits for its next slice */
        bool is_streaming; /* the head was sent */
        bool is_complete, has_failed;
} Sliced;

bool slice_is_full(const Slice *slice)
{
        return time_monotonic() - slice->began >= SLICE_TIME ||
               (slice->is_stream && slice->json.out->size >= SLICE_SIZE);
}

/* --- one slice -------------------------------------------------------------------------------- */

/* Makes one slice. Returns 1 if there are more. */
static int sliced_make(Sliced *sliced, Error *err)
{
        Request *request = sliced->slice.request;
        int r;

        if (sliced->is_streaming) {
                buffer_clear(&request->answer.body);
                sliced->sent = 0;
        }
        sliced->slice.began = time_monotonic();
        sliced->kept = request->arena;
        request->arena = sliced->arena;
        r = sliced->slicer->write(&sliced->slice, sliced->state, err);
        sliced->arena = request->arena;
        request->arena = sliced->kept;
        /* an incomplete answer must not look like a complete one */
        if (r >= 0 && (sliced->arena.failed || request->answer.body.failed))
                r = error_oom(err);
        arena_clear(&sliced->arena);
        if (r == 0 && sliced->slicer->finish)
                r = sliced->slicer->finish(request, sliced->state, err);
        if (r >= 0 && request->arena.failed)
                r = error_oom(err);
        sliced->is_complete = r == 0;
        return r;
}

/* Makes the next slice of a stream. */
static void sliced_refill(Sliced *sliced)
{
        const Request *request = sliced->slice.request;
        _cleanup_(error_done) Error error = { 0 };

        if (sliced_make(sliced, &error) >= 0)
                return;
        sliced->has_failed = true;
        if (!request->memory.is_short) /* else other requests hold the memory: the client retries */
                log_error("api: %s %s: %s", request->method, request->path, error_message(&error));
}

/* --- the queue -------------------------------------------------------------------------------- */

static void sliced_enqueue(Sliced *sliced)
{
        HttpServer *server = sliced->slice.request->server;
        Sliced **at = &server->slices;

        while (*at)
                at = &(*at)->next;
        *at = sliced;
        sliced->next = NULL;
        sliced->is_queued = true;
        (void)sd_event_source_set_enabled(server->slice_turn, SD_EVENT_ONESHOT); /* cannot fail */
}

static void sliced_dequeue(Sliced *sliced)
{
        for (Sliced **at = &sliced->slice.request->server->slices; *at; at = &(*at)->next)
                if (*at == sliced) {
                        *at = sliced->next;
                        break;
                }
        sliced->is_queued = false;
}

static Sliced *sliced_free(Sliced *sliced)
{
        if (!sliced)
                return NULL;
        sliced_dequeue(sliced);
        arena_done(&sliced->arena);
        free(sliced);
        return NULL;
}

static void sliced_cancel(void *sliced)
{
        sliced_free(sliced);
}

static ssize_t on_read(void *userdata, uint64_t position, char *data, size_t size)
{
        Sliced *sliced = userdata;
        Request *request = sliced->slice.request;
        const Buffer *body = &request->answer.body;
        size_t n;

        if (position == 0) {
                sliced->is_streaming = true;
                connection_phase(request->connection, PHASE_SEND);
        }
        if (sliced->sent == body->size && !sliced->is_complete && request->server->is_stopping)
                sliced_refill(sliced);
        if (sliced->has_failed)
                return MHD_CONTENT_READER_END_WITH_ERROR;
        n = MIN(size, body->size - sliced->sent);
        if (n == 0 && sliced->is_complete)
                return MHD_CONTENT_READER_END_OF_STREAM;
        if (n == 0) {
                sliced_enqueue(sliced);
                MHD_suspend_connection(request->connection);
                return 0;
        }
        memcpy(data, body->data + sliced->sent, n);
        sliced->sent += n;
        return (ssize_t)n;
}

/* Makes a slice before the head is sent. Resumes the request when its answer can be sent. */
static void sliced_begin(Sliced *sliced)
{
        Request *request = sliced->slice.request;
        _cleanup_(error_done) Error error = { 0 };
        int r = sliced_make(sliced, &error);

        if (r > 0 && !sliced->slice.is_stream) {
                sliced_enqueue(sliced);
                return;
        }
        if (r < 0)
                request_fail(request, &error);
        request_resume(request);
        if (r > 0)
                request_stream(request, on_read, sliced_cancel, sliced);
        else
                sliced_free(sliced);
}

static void sliced_turn(Sliced *sliced)
{
        Request *request = sliced->slice.request;

        sliced_dequeue(sliced);
        if (!sliced->is_streaming) {
                sliced_begin(sliced);
                return;
        }
        sliced_refill(sliced);
        MHD_resume_connection(request->connection);
        listener_kick(request->listener);
}

static int on_slice_turn(sd_event_source *source, usec_t usec, void *userdata)
{
        HttpServer *server = userdata;

        (void)usec;
        if (server->slices)
                sliced_turn(server->slices);
        return sd_event_source_set_enabled(source,
                                           server->slices ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void slices_go_on(HttpServer *server)
{
        size_t n = 0;

        for (const Sliced *sliced = server->slices; sliced; sliced = sliced->next)
                n++;
        /* counted before: an answer with more slices is enqueued again */
        for (; n > 0 && server->slices; n--)
                sliced_turn(server->slices);
}

bool request_is_sliced(const Request *request)
{
        return request->pending.cancel == sliced_cancel;
}

int slices_init(HttpServer *server, Error *err)
{
        int r;

        /* use a timer at time 0, so that other event sources run between two slices */
        r = sd_event_add_time(server->event, &server->slice_turn, CLOCK_MONOTONIC, 0, 1,
                              on_slice_turn, server);
        if (r >= 0)
                r = sd_event_source_set_enabled(server->slice_turn, SD_EVENT_OFF);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

void slices_done(HttpServer *server)
{
        server->slice_turn = sd_event_source_disable_unref(server->slice_turn);
}

/* --- the answer ------------------------------------------------------------------------------- */

/* Suspends the request until its complete answer, or its first slice, is made. */
static void sliced_wait(Sliced *sliced)
{
        Request *request = sliced->slice.request;

        if (request->is_suspended)
                request->pending = (PendingWork){ sliced_cancel, sliced };
        else
                request_suspend(request, sliced_cancel, sliced);
        sliced_enqueue(sliced);
}

int answer_in_slices(Request *request, const Slicer *slicer, void *state, Error *err)
{
        Sliced *sliced = calloc(1, sizeof(*sliced));
        int r;

        if (!sliced)
                return error_oom(err);
        *sliced = (Sliced){ .slicer = slicer,
                            .state = state,
                            .slice = { .request = request,
                                       .json = { .out = &request->answer.body },
                                       .kept = &sliced->kept,
                                       .is_stream = !slicer->finish } };
        arena_init(&sliced->arena, API_REQUEST_MAX);
        sliced->arena.quota = &request->memory;
        if (request->is_suspended || time_monotonic() - request->server->turn_began >= SLICE_TIME) {
                sliced_wait(sliced); /* other answers have used this turn */
                return 0;
        }
        r = sliced_make(sliced, err);
        if (r <= 0)
                sliced_free(sliced);
        else if (sliced->slice.is_stream)
                request_stream(request, on_read, sliced_cancel, sliced);
        else
                sliced_wait(sliced);
        return MIN(r, 0);
}
