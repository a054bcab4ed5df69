#pragma once

/* Requests that wait until a lockfile changes: those with "Prefer: wait=SECONDS" (RFC 7240) and
 * If-None-Match. A held request sleeps until one of these events:
 *   - the environment gets another release
 *   - the release gets another display name, or its lockfile is removed
 *   - the time is over, or the client disconnects
 * The handler then runs again and answers. */

#include "api/internal.h"

/* Holds the request: calls its handler again when the lockfile of the object has changed. kind:
 * environment or release. Returns 1 if the request is held, or was refused because too many are
 * held. Returns 0 if the handler must answer now: the client does not want to wait, or the time is
 * over. */
int held_begin(Request *request, ObjectKind kind, const char *id, Error *err);

/* If the client wants to wait, adds the header Preference-Applied with the seconds. */
void held_report(Request *request);
