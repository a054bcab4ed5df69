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
bool request_is_offered(const Request *request, const Route *route)
{
        bool is_hook = route->admit != NULL;

        return request->listener->is_hooks ? is_hook : !is_hook || !request->server->has_hooks;
}

const Route *request_route(const Request *request, bool *ret_other_method)
{
        *ret_other_method = false;
        for (const Route *route = request->server->application->routes; route->method; route++) {
                if (!request_is_offered(request, route) ||
                    !path_matches(&request->parts, route->pattern))
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
        return path_parameter(&request->parts, request->route->pattern, name);
}
