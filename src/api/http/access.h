#pragma once

/* Who asks, and whether they may: by the peer of the unix socket, or by a bearer token over TCP.
 * Needs the head of a request only, never its body. */

#include "api/http/internal.h"

/* Sets who asks. False, with the answer made, if they may not. */
bool request_may(Request *request);

/* Sets the actor's person: who uses the principal. */
int request_person(Request *request, Error *err);

/* The tokens of the file as it is now, until the next call. None, which is logged, if it is bad. */
const ApiTokens *request_tokens(Request *request);
/* At start: warns if nobody can log in. */
void api_check_tokens(Api *api);

/* ERROR_NOT_FOUND if nobody has named the tenant, or the caller may not see it. */
int tenant_check(Request *request, const char *name, Error *err);
/* The same for the tenantId of a body, an id or a name: it must be the tenant that is asked of. */
int tenant_check_body(Request *request, const Node *value, Error *err);
