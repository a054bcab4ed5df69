#pragma once

/* Questions about tenants: whose the objects are. */

#include "store/store.h"

/* A tenant has a row once something of it was stored. 1 if there is one. */
int store_has_tenant(Store *store, const char *name, Error *err);

typedef struct Tenant {
        const char *name;
        usec_t created_at; /* wall; 0: it has no row */
} Tenant;
typedef struct Tenants {
        Tenant *items;
        size_t n;
} Tenants;
/* By name. */
int store_tenants(Store *store, Arena *arena, Tenants *ret, Error *err);
