#pragma once

/* Finds out whether a request may be made, calls its handler, and turns failure into a problem. */

#include "api/http/request.h"

/* Decides by the head whether the body may come: false, with the answer made, if it may not. */
bool request_admit(Request *request);
void request_dispatch(Request *request);
