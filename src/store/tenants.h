#pragma once

/* Queries about tenants. */

#include "store/store.h"

/* Returns 1 if the tenant has a row, 0 if not. A tenant gets a row with its first stored object. */
int store_has_tenant(Store *store, const char *name, Error *err);

typedef struct Tenant {
        const char *name;
        usec_t created_at; /* wall; 0: there is no row */
} Tenant;
typedef struct Tenants {
        Tenant *items;
        size_t n;
} Tenants;
/* Reads all tenants with a row, sorted by name. */
int store_tenants(Store *store, Arena *arena, Tenants *ret, Error *err);
