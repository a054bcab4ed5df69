#pragma once

/* Makes answers in slices, so that a large answer does not block the event loop.
 *
 *   first slice --complete--> an answer with its size, like any other
 *      +--more, no finish --> head and chunks; the next slice when the client took the last one
 *      +--more, finish -----> one slice in each turn of the loop, then the answer with its size
 *
 * Each turn of the loop makes one slice, for the request that has waited longest. A stream holds
 * one slice in memory. Between two slices specs may be loaded and rows may change. So the state
 * must be a position in an order (a name, a tag), never a pointer into the model. If the client
 * disconnects, no more slices are made. A failure within a stream closes the connection before the
 * last chunk, so that the client notices the incomplete answer. */

#include "api/http/request.h"
#include "model/schema/json-writer.h"

typedef struct Slice {
        Request *request; /* its arena is cleared after each slice */
        Json json;
        Arena *kept; /* outlives the slices */
        bool is_stream;
        usec_t began; /* monotonic: start of this slice */
} Slice;

/* True if this slice has taken enough time, or is large enough. */
bool slice_is_full(const Slice *slice);

typedef struct Slicer {
        /* Appends to the JSON until slice_is_full(), at least one step. Returns 1 if there is
         * more. */
        int (*write)(Slice *slice, void *state, Error *err);
        /* Adds headers that depend on the end of the answer. Such an answer is not streamed, so its
         * size must be bounded. NULL: none. */
        int (*finish)(Request *request, void *state, Error *err);
} Slicer;

/* Answers the request. state is in the arena of the request. A suspended request is resumed when
 * there is something to send; its work must be complete. */
int answer_in_slices(Request *request, const Slicer *slicer, void *state, Error *err);

int slices_init(HttpServer *server, Error *err);
void slices_done(HttpServer *server);
/* Called when the server stops: makes one slice of each answer that waits for its turn. */
void slices_go_on(HttpServer *server);
/* True if a suspended request waits for a slice of its answer. */
bool request_is_sliced(const Request *request);
