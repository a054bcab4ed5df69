#pragma once

/* Permissions of the peers of the unix socket: api.socketRoles of the configuration. Plain data. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

typedef struct SocketRole {
        Place place;
        const char *uid, *user, *group; /* as written; exactly one of the three is set */
        const char *tenant;             /* "*": all */
        int role;                       /* index into socket_role_names */
        bool is_group;
        uid_t user_id;
        gid_t group_id; /* set if the entry names a group */
} SocketRole;

typedef struct SocketRoles {
        SocketRole *items;
        size_t n; /* 0: all users who can open the socket may do everything */
} SocketRoles;

extern const char *const socket_role_names[]; /* read, write, admin, NULL */

/* Returns the first entry that matches a user in these groups; NULL: none. Pure. */
const SocketRole *socket_roles_find(const SocketRoles *roles, uid_t uid, const gid_t *groups,
                                    size_t n_groups);
/* True if an entry names a group. */
bool socket_roles_need_groups(const SocketRoles *roles);
