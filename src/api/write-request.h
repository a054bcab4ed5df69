#pragma once

/* Functions for requests that change something: caller, idempotency, preconditions, and the answer
 * after the commit. */

#include "api/http/request.h"

/* Sets the caller and the command, with memory from the arena. The tenant is the default one, and
 * the release is not set. Returns -ENOMEM if memory ran out. */
int request_actor(Request *request, Arena *arena, Actor *ret);
/* Sets the request's actor. Returns 1 if the answer is made: the idempotency key was used before.
 */
int request_begin_write(Request *request, Error *err);
/* audit.c: adds the audit row of a command. status: that of the answer; 0: no answer was sent. Logs
 * failures, which do not change the answer. */
void request_audit(Request *request, unsigned status);
/* True if the list in a header has the ETag, or "*". If is_weak, weak ETags of the list match too.
 */
bool etag_is_listed(const char *header, const char *etag, bool is_weak);
/* Returns false, with the answer made (412), if the request has If-Match without this ETag. */
bool request_matches(Request *request, const char *etag);
/* Answers with the route's status and show(). */
int request_show(Request *request, const char *id, Error *err);
/* Does the same after a commit. Since the answer must not look like a failure, answers with only
 * the id if the object cannot be shown. Returns 0. */
int request_show_stored(Request *request, const char *id);
