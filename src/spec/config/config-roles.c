#include "spec/config/config-roles.h"

#include <errno.h>
#include <string.h>

#include "base/account.h"
#include "base/parse.h"
#include "model/object.h"

/* clang-format off */
static const Field socket_role_fields[] = {
        { .name = "uid", .type = FIELD_STRING, .offset = offsetof(SocketRole, uid),
          .doc = "The user with this number. Exactly one of uid, user and group is required." },
        { .name = "user", .type = FIELD_STRING, .offset = offsetof(SocketRole, user),
          .doc = "The user with this name." },
        { .name = "group", .type = FIELD_STRING, .offset = offsetof(SocketRole, group),
          .doc = "Every user whose process is in this group, by name or number." },
        { .name = "role", .type = FIELD_ENUM, .offset = offsetof(SocketRole, role), .names = socket_role_names, .required = true,
          .doc = "Their rights: read; write, which also makes and promotes; admin, which does everything." },
        { .name = "tenant", .type = FIELD_STRING, .offset = offsetof(SocketRole, tenant), .required = true,
          .doc = "The tenant they are limited to; '*' is every tenant." },
        { 0 },
};
/* clang-format on */

const Schema socket_role_schema = {
        .name = "socketRoles",
        .fields = socket_role_fields,
        .size = sizeof(SocketRole),
        .has_place = true,
        .doc = "The rights of users on the unix socket.",
};

static int refuse(const SocketRole *role, const char *what, DiagList *diags)
{
        diag_error(diags, role->place, "field \"socketRoles\": %s", what);
        return -EINVAL;
}

/* Converts a name to its number at startup, so that the running daemon queries no directory
 * service. */
static int find_account(SocketRole *role, DiagList *diags)
{
        const char *name = role->group ? role->group : role->user ? role->user : role->uid;
        uint64_t number = 0;
        int r;

        role->is_group = role->group != NULL;
        if (role->uid && (parse_uint64(role->uid, &number) < 0 || number >= UINT32_MAX))
                return refuse(role, "uid is the number of a user; user takes a name", diags);
        if (role->uid) {
                role->user_id = (uid_t)number;
                return 0;
        }
        r = role->group ? account_find_group(name, &role->group_id)
                        : account_find_user(name, &role->user_id);
        if (r == -ENOENT)
                diag_error(diags, role->place,
                           "field \"socketRoles\": \"%s\" is not a %s of this machine", name,
                           role->group ? "group" : "user");
        else if (r < 0)
                diag_error(diags, role->place, "field \"socketRoles\": cannot look up \"%s\": %s",
                           name, strerror(-r));
        return r;
}

int config_check_roles(SocketRoles *roles, DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; i < roles->n; i++) {
                SocketRole *role = &roles->items[i];

                if (!!role->uid + !!role->user + !!role->group != 1)
                        r = refuse(role, "exactly one of uid, user and group must be given", diags);
                else
                        r = find_account(role, diags);
                worst = MIN(worst, r);
                if (!streq(role->tenant, "*") && !name_is_valid(role->tenant))
                        worst = refuse(role, "tenant is the name of a tenant, or '*'", diags);
        }
        return worst;
}
