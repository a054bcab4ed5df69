#pragma once

/* Requests that change something: caller, idempotency, preconditions, and the answer after the
 * commit. */

#include "api/http/request.h"

/* Sets the caller and the command, in the arena, except the tenant and the release. -ENOMEM. */
int request_actor(Request *request, Arena *arena, Actor *ret);
/* Sets the request's actor. Returns 1 if the request is a repeated one that has been answered. */
int request_begin_write(Request *request, Error *err);
/* audit.c: adds the row of a command that was answered with a status (0: no answer was sent).
 * Failures are logged: the answer stays. */
void request_audit(Request *request, unsigned status);
/* True if the list of a header has the ETag, or "*". Weak ETags of the list match too if is_weak.
 */
bool etag_is_listed(const char *header, const char *etag, bool is_weak);
/* Returns false, with the answer made (412), if the client knows another state. */
bool request_matches(Request *request, const char *etag);
/* Answers with the result: the route's status and show. */
int request_show(Request *request, const char *id, Error *err);
/* Does the same after a commit, whose answer must not look like a failure: if the object cannot be
 * shown, answers with its id. Returns 0. */
int request_show_stored(Request *request, const char *id);
