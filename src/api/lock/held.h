#pragma once

/* Requests that wait until a lockfile changes: "Prefer: wait=SECONDS" (RFC 7240) beside
 * If-None-Match. A held request sleeps until its environment gets another release, until the
 * release gets another display name or its lockfile is removed, or until the time is over. The
 * handler then runs again and answers. A client that disconnects gives up its place. */

#include "api/internal.h"

/* Calls the handler again when the lockfile of the object may have changed. kind: environment or
 * release. Returns 1 if the request is held, or was answered because there is no place. Returns 0
 * if the handler answers now: the client does not want to wait, or the time is over. */
int held_begin(Request *request, ObjectKind kind, const char *id, Error *err);

/* Reports to the client how long it may be held, if it wants to wait. */
void held_report(Request *request);
