#pragma once

/* The description of the API: its routes and schemas as an OpenAPI 3.1 document. */

#include "api/http/internal.h"

int handle_openapi(Request *request, Error *err);
