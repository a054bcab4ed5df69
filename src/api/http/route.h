#pragma once

/* A table of routes: what the server offers, and who may use it. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct Request;

typedef int (*Handler)(struct Request *request, Error *err);

typedef enum RouteAccess {
        ACCESS_OPEN, /* the handler itself decides */
        ACCESS_READ,
        ACCESS_WRITE,
        ACCESS_ADMIN,
} RouteAccess;

/* Shows the result of a request by its id. A repeated request is answered with it, too. */
typedef int (*Shower)(struct Request *request, const char *id, Error *err);

typedef struct Route {
        const char *method;
        const char *pattern; /* path.h */
        RouteAccess access;
        bool of_all_tenants; /* refused to a caller who may see one tenant only */
        size_t body_max;
        bool (*admit)(struct Request *request); /* access, where it is open; as request_admit() */
        Handler handler;
        Shower show;      /* NULL: repeating it does no harm */
        unsigned status;  /* of an answer that reports no problem; 0: 200 */
        const char *tag;  /* group, for the description */
        const char *name; /* of the operation */
        const char *summary;
        const char *query;  /* parameters, "page pageSize"; NULL: none */
        const char *takes;  /* schema of the body (describe/schema.h); NULL: none */
        const char *gives;  /* of the answer; NULL: text */
        const char *errors; /* other statuses than 401, 403, 500 */
} Route;

/* Whether parameters are refused that the route does not take. */
bool route_checks_query(const Route *route);
