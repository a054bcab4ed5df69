#pragma once

/* Users that a trusted reverse proxy names in headers: api.proxyAuth of the configuration. Plain
 * data. */

#include <sys/types.h>

#include "base/diag.h"

/* The role of the members of a group. */
typedef struct ProxyRole {
        const char *group; /* "*": every user */
        int role;          /* index into socket_role_names */
} ProxyRole;

typedef struct ProxyRoles {
        ProxyRole *items;
        size_t n;
} ProxyRoles;

typedef struct ProxyAuth {
        const char *header;        /* NULL: no proxy is trusted */
        const char *groups_header; /* its value is a list with commas; NULL: none */
        const char *user;          /* account of the proxy, as written */
        uid_t user_id;             /* its number */
        ProxyRoles roles;
} ProxyAuth;
