#pragma once

/* Checks whether a request is allowed, calls its handler, and turns failures into problems. */

#include "api/http/request.h"

/* Decides from the head whether the client may send the body. Returns false, with the answer made,
 * if not. */
bool request_admit(Request *request);
void request_dispatch(Request *request);
