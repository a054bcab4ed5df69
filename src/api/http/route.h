#pragma once

/* The table of routes: methods and paths, with their handlers and access rights. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct Request;

typedef int (*Handler)(struct Request *request, Error *err);

typedef enum RouteAccess {
        ACCESS_OPEN, /* the handler checks access */
        ACCESS_READ,
        ACCESS_WRITE,
        ACCESS_ADMIN,
} RouteAccess;

/* Answers with the object that a request changed. id: the object's id. Also answers a repeated
 * request. */
typedef int (*Shower)(struct Request *request, const char *id, Error *err);

typedef struct Route {
        const char *method;
        const char *pattern; /* path.h */
        RouteAccess access;
        bool of_all_tenants; /* refuse callers with only one tenant */
        bool or_all_tenants; /* allow ?tenant=* for all tenants, but not to such callers */
        size_t body_max;
        bool (*admit)(struct Request *request); /* checks access to an open route, as
                                                   request_admit() does */
        Handler handler;
        Shower show;      /* NULL: the handler runs again for a repeated request */
        unsigned status;  /* status of a successful answer; 0: 200 */
        const char *tag;  /* group in the description */
        const char *name; /* operationId in the description; NULL: not described */
        const char *summary;
        const char *query;  /* parameters, "page pageSize"; NULL: none */
        const char *takes;  /* schema of the body (describe/schema.h); NULL: none */
        const char *gives;  /* schema of the answer; NULL: text */
        const char *errors; /* statuses other than 401, 403, 500 */
} Route;

/* True if the route refuses unknown parameters. */
bool route_checks_query(const Route *route);
