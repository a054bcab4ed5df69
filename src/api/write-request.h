#pragma once

/* Requests that alter something: who asks for it, whether it was asked for before, whether the
 * client knows what it alters, and the answer after the commit. */

#include "api/http/request.h"

/* Sets the request's actor. 1: the request is a repeated one, and answered already. */
int request_begin_write(Request *request, Error *err);
/* False, with the answer made (412), if the client knows another state. */
bool request_matches(Request *request, const char *etag);
/* Answers with the result: the route's status, its show. */
int request_show(Request *request, const char *id, Error *err);
/* The same after a commit, whose answer must not read as if nothing were stored: what cannot be
 * shown is answered by its id alone. Returns 0. */
int request_show_stored(Request *request, const char *id);
