/* Finds the route of a request. */

#include <string.h>

#include "api/http/request.h"

/* Only reads check parameters, because relmanctl sends its parameters with each write too. */
bool route_checks_query(const Route *route)
{
        return route->access == ACCESS_READ && streq(route->method, "GET") &&
               strncmp(route->pattern, "/api/", strlen("/api/")) == 0;
}

/* Hooks have their own listener, or share that of the API. */
static bool request_is_offered(const Request *request, const Route *route)
{
        bool is_hook = route->admit != NULL;

        return request->listener->is_hooks ? is_hook : !is_hook || !request->server->has_hooks;
}

bool request_is_to(const Request *request, const Route *route)
{
        return path_matches(&request->parts, route->pattern) && request_is_offered(request, route);
}

/* Compares methods first, which is faster than comparing paths. */
const Route *request_route(const Request *request)
{
        const char *method = streq(request->method, "HEAD") ? "GET" : request->method;

        for (const Route *route = request->server->application->routes; route->method; route++)
                if (streq(route->method, method) && request_is_to(request, route))
                        return route;
        return NULL;
}

const char *request_parameter(const Request *request, const char *name)
{
        return path_parameter(&request->parts, request->route->pattern, name);
}
