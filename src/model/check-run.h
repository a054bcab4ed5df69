#pragma once

/* Checks that relmand runs itself. Only the daemon's configuration declares them: authors of specs
 * must not run programs as relmand, or send requests from relmand's host. */

#include "base/time.h"
#include "model/object.h"

typedef enum CheckMethod {
        CHECK_GET,
        CHECK_POST,
        CHECK_METHOD_MAX_,
} CheckMethod;

extern const char *const check_method_names[];

typedef struct CheckHttpSpec {
        const char *url; /* NULL: the check runs a program */
        CheckMethod method;
        Strings statuses;                          /* expected statuses; empty: 200 */
        const char *token_file, *token_credential; /* where the bearer token is; NULL: none */
        const char *ca_file;
} CheckHttpSpec;

typedef struct CheckRunSpec {
        Place place; /* must be first */
        const char *name;
        Strings exec; /* argument vector; empty: the check is an HTTP request */
        CheckHttpSpec http;
        usec_t timeout;
        Strings tenants; /* tenants whose specs may name this check; empty: all */
} CheckRunSpec;

typedef struct CheckRunSpecs {
        CheckRunSpec *items;
        size_t n;
} CheckRunSpecs;

/* Finds the check with this name that the tenant may use. Returns NULL if there is none. */
const CheckRunSpec *check_runs_find(const CheckRunSpecs *runs, const char *name,
                                    const char *tenant);
