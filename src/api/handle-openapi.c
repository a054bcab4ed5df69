/* GET /api/v1/openapi.json: the description of the API. */

#include "api/describe/openapi.h"
#include "api/handlers.h"
#include "base/limits.h"

/* Makes the description at the first request, and keeps it: all callers get the same. */
int handle_openapi(Request *request, Error *err)
{
        Buffer *description = &request->api->description;

        if (description->size == 0) {
                buffer_init(description, API_ANSWER_MAX);
                openapi_write(request->server->application->routes, description);
        }
        if (description->failed) {
                buffer_done(description);
                return error_oom(err);
        }
        request->answer.shared = description;
        return 0;
}
