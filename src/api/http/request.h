#pragma once

/* A request as the server sees it: made of a head, answered, freed with the connection's request.
 *
 * All that it holds is taken from one quota, which all requests under way share. */

#include "api/http/internal.h"

/* NULL if memory ran out. */
Request *request_new(Listener *listener, struct MHD_Connection *connection, const char *method,
                     const char *path);
void request_free(Request *request);
/* Queues the answer, and frees what it was made of. */
enum MHD_Result request_reply(Request *request);
/* The Content-Length; 0 without one. */
uint64_t request_said_size(Request *request);

int requests_init(Api *api, Error *err);
/* True if this turn of the loop has done enough: the request waits for a later one. */
bool request_postpone(Request *request);
/* All that wait so. */
void requests_go_on(Api *api);

/* Decides by the head whether the body may come: false, with the answer made, if it may not. */
bool request_admit(Request *request);
void request_dispatch(Request *request);
