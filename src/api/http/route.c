/* Which handler answers what. */

#include <string.h>

#include "api/http/access.h"
#include "api/http/request.h"
#include "base/limits.h"

static int split_path(Request *request)
{
        const char *p = request->path;

        request->n_segments = 0;
        while (*p == '/') {
                size_t size = strcspn(++p, "/");

                if (request->n_segments >= API_SEGMENTS_MAX)
                        return -1;
                request->segments[request->n_segments] = arena_strndup(&request->arena, p, size);
                if (!request->segments[request->n_segments++])
                        return -1;
                p += size;
        }
        return 0;
}

/* The segment of a pattern that p stands at, and the next one. */
static const char *next_segment(const char *p, size_t *ret_size)
{
        *ret_size = strcspn(p, "/");
        return p + *ret_size + (p[*ret_size] == '/');
}

static bool matches(const Request *request, const char *pattern)
{
        const char *p = pattern + 1;
        size_t i = 0, size;

        while (*p) {
                const char *segment = p;

                p = next_segment(p, &size);
                if (i >= request->n_segments)
                        return false;
                if (segment[0] == '{' ? request->segments[i][0] == '\0'
                                      : strlen(request->segments[i]) != size ||
                                                strncmp(segment, request->segments[i], size) != 0)
                        return false;
                i++;
        }
        return i == request->n_segments;
}

/* Hooks have a listener of their own, or share those of the rest. */
static bool is_offered(const Request *request, const Route *route)
{
        bool is_hook = route->admit != NULL;

        return request->listener->is_hooks ? is_hook : !is_hook || !request->api->has_hooks;
}

const Route *route_find(Request *request, bool *ret_other_method)
{
        *ret_other_method = false;
        if (split_path(request) < 0)
                return NULL;
        for (const Route *route = api_routes; route->method; route++) {
                if (!is_offered(request, route) || !matches(request, route->pattern))
                        continue;
                if (streq(route->method, request->method) ||
                    (streq(request->method, "HEAD") && streq(route->method, "GET")))
                        return route;
                *ret_other_method = true;
        }
        return NULL;
}

const char *request_parameter(const Request *request, const char *name)
{
        const char *p = request->route->pattern + 1;
        size_t size, length = strlen(name);

        for (size_t i = 0; *p; i++) {
                const char *segment = p;

                p = next_segment(p, &size);
                if (segment[0] == '{' && size == length + 2 &&
                    strncmp(segment + 1, name, length) == 0)
                        return request->segments[i];
        }
        return NULL;
}

/* What alters something, or takes all away with it, is noted with who asked for it. */
static bool is_noted(const Route *route)
{
        return route->access > ACCESS_READ;
}

bool route_checks_query(const Route *route)
{
        return route->access == ACCESS_READ && streq(route->method, "GET") &&
               strncmp(route->pattern, "/api/", strlen("/api/")) == 0;
}

static int handle(Request *request, Error *err)
{
        int r = 0;

        if (is_noted(request->route))
                r = request_begin_write(request, err);
        else if (route_checks_query(request->route))
                r = request_check_query(request, err);
        if (r == 0)
                r = request->route->handler(request, err);
        if (r >= 0 && request_shorten(request))
                return 0;
        /* an answer that lacks what there was no memory for would read as if that were not there */
        return r >= 0 && request->arena.failed && !request->is_suspended && !request->follower
                       ? error_oom(err)
                       : r;
}

/* RFC 9110, 15.5.6: what it does take. */
static void say_methods(Request *request)
{
        _cleanup_(buffer_done) Buffer methods;

        buffer_init(&methods, 128);
        for (const Route *route = api_routes; route->method; route++)
                if (is_offered(request, route) && matches(request, route->pattern))
                        (void)buffer_printf(&methods, "%s%s", methods.size > 0 ? ", " : "",
                                            route->method);
        request_problem(request, 405, "%s does not take %s", request->path, request->method);
        if (!methods.failed && methods.size > 0)
                request_header_out(request, "Allow",
                                   arena_strndup(&request->arena, methods.data, methods.size));
}

static void say_not_found(Request *request)
{
        bool other_method;

        (void)route_find(request, &other_method);
        if (request->arena.failed) /* it may be there */
                request_problem(request, 500, "out of memory");
        else if (other_method)
                say_methods(request);
        else
                request_problem(request, 404, "there is nothing at %s", request->path);
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
        if (request->memory.is_short) { /* request_new() found no room in the share of hooks */
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

/* Access was checked before the body came, which may be a while ago. */
void request_dispatch(Request *request)
{
        _cleanup_(error_done) Error error = { 0 };

        if (request->too_large)
                say_too_large(request);
        else if (request->n_dropped > 0)
                request_no_room(request);
        else if (request->body.size > 0 && !request_may(request))
                return;
        else if (handle(request, &error) < 0)
                request_fail(request, &error);
}
