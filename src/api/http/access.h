#pragma once

/* Who asks, and whether they may: by the peer of the unix socket, or by a bearer token over TCP.
 * Needs the head of a request only, never its body. */

#include "api/http/request.h"

/* Sets who asks. False, with the answer made, if they may not. */
bool request_may(Request *request);

/* Sets the actor's person: who uses the principal. */
int request_person(Request *request, Error *err);

/* The tokens of the file as it is now, until the next call. None, which is logged, if it is bad. */
const ApiTokens *request_tokens(Request *request);
/* At start: warns if nobody can log in. */
void access_check_tokens(HttpServer *server);
