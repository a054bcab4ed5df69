#pragma once

/* The description of the API: its routes and schemas as an OpenAPI 3.1 document. */

#include "api/http/route.h"
#include "base/buffer.h"

/* Appends the document to a buffer. The last route has no method. */
void openapi_write(const Route *routes, Buffer *out);
