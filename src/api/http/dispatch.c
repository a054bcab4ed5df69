/* Handles a request after its head arrived, until its handler is called. */

#include "api/http/dispatch.h"

#include "api/http/access.h"

static int dispatch_handle(Request *request, Error *err)
{
        int r;

        r = request->server->application->begin(request, err);
        if (r == 0)
                r = request->route->handler(request, err);
        if (r >= 0 && request_shorten(request))
                return 0;
        /* an incomplete answer must not look like a complete one */
        return r >= 0 && request->arena.failed && !request->is_suspended && !request->answer.stream
                       ? error_oom(err)
                       : r;
}

/* Answers 404, or 405 with the methods of the target in the header Allow (RFC 9110, 15.5.6). */
static void say_not_found(Request *request)
{
        _cleanup_(buffer_done) Buffer methods;

        buffer_init(&methods, 128);
        for (const Route *route = request->server->application->routes; route->method; route++)
                if (request_is_to(request, route))
                        (void)buffer_printf(&methods, "%s%s%s", methods.size > 0 ? ", " : "",
                                            route->method,
                                            streq(route->method, "GET") ? ", HEAD" : "");
        if (request->arena.failed || methods.failed) { /* memory ran out, so the route may exist */
                request_problem(request, 500, "out of memory");
                return;
        }
        if (methods.size == 0) {
                request_problem(request, 404, "there is nothing at %s", request->path);
                return;
        }
        request_problem(request, 405, "%s does not take %s", request->path, request->method);
        request_header_out(request, "Allow",
                           arena_strndup(&request->arena, methods.data, methods.size));
}

static void say_too_large(Request *request)
{
        request_problem(request, 413, "the body is larger than %zu bytes",
                        request->route->body_max);
}

bool request_admit(Request *request)
{
        if (!request->route) {
                say_not_found(request);
                return false;
        }
        if (request->memory.is_short) { /* request_new() found no room in the quota of hooks */
                request_no_room(request);
                return false;
        }
        if (!request_may(request) || (request->route->admit && !request->route->admit(request)))
                return false;
        if (request_said_size(request) <= request->route->body_max)
                return true;
        say_too_large(request);
        return false;
}

/* Checks access again. The first check may be long ago, because the body arrived slowly or the
 * request was held. */
void request_dispatch(Request *request)
{
        _cleanup_(error_done) Error error = { 0 };

        if (request->too_large)
                say_too_large(request);
        else if (request->n_dropped > 0)
                request_no_room(request);
        else if ((request->body.size > 0 || request->held_until > 0) && !request_may(request))
                return;
        else if (dispatch_handle(request, &error) < 0)
                request_fail(request, &error);
}
