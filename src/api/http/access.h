#pragma once

/* Identifies the caller and checks access. On the unix socket the caller is the peer; over TCP the
 * bearer token identifies the caller. Needs only the head of a request. */

#include "api/http/request.h"

/* Sets the caller. Returns false, with the answer made, if access is denied. */
bool request_may(Request *request);

/* Returns the person of the token, or the name of the local user in /etc/passwd. Asks no directory
 * service. NULL if the name is not known. */
const char *request_account(const Request *request, Arena *arena);

/* Sets the actor's person: the person behind the principal. ERROR_INTERNAL if the lookup fails. */
int request_person(Request *request, Error *err);

/* Returns the tokens that are in the file now, valid until the next call. If the file is invalid,
 * logs its fault and returns no tokens. */
const ApiTokens *request_tokens(Request *request);
/* Warns at start if nobody can log in over TCP. */
void access_check_tokens(HttpServer *server);
