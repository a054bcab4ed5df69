#include "model/socket-role.h"

const char *const socket_role_names[] = { "read", "write", "admin", NULL };

static bool is_in(gid_t group, const gid_t *groups, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (groups[i] == group)
                        return true;
        return false;
}

const SocketRole *socket_roles_find(const SocketRoles *roles, uid_t uid, const gid_t *groups,
                                    size_t n_groups)
{
        for (size_t i = 0; i < roles->n; i++) {
                const SocketRole *role = &roles->items[i];

                if (role->is_group ? is_in(role->group_id, groups, n_groups) : role->user_id == uid)
                        return role;
        }
        return NULL;
}

bool socket_roles_need_groups(const SocketRoles *roles)
{
        for (size_t i = 0; i < roles->n; i++)
                if (roles->items[i].is_group)
                        return true;
        return false;
}
