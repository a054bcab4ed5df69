#pragma once

/* Identifies the caller and checks access: by the peer of the unix socket, or by a bearer token
 * over TCP. Needs only the head of a request. */

#include "api/http/request.h"

/* Sets the caller. Returns false, with the answer made, if access is denied. */
bool request_may(Request *request);

/* Returns the person of the token, or the name of the local user in /etc/passwd, without asking a
 * directory service. NULL if it is not known. */
const char *request_account(const Request *request, Arena *arena);

/* Sets the actor's person: the person behind the principal. ERROR_INTERNAL if it cannot be looked
 * up. */
int request_person(Request *request, Error *err);

/* Returns the tokens that are in the file now, valid until the next call. A bad file has none; its
 * fault is logged. */
const ApiTokens *request_tokens(Request *request);
/* Warns at start if nobody can log in. */
void access_check_tokens(HttpServer *server);
