#include "spec/config/config-proxy.h"

#include <errno.h>
#include <string.h>

#include "base/account.h"
#include "model/enum-names.h"
#include "model/socket-role.h"

static int refuse(const Node *node, const char *what, DiagList *diags)
{
        diag_error(diags, node->place, "field \"proxyAuth\": %s", what);
        return -EINVAL;
}

/* True for the name of a header, which is a token (RFC 9110, 5.6.2). */
static bool is_header(const char *name)
{
        return name[0] &&
               !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "!#$%&'*+-.^_`|~")];
}

static int read_roles(const Pairs *groups, const Node *node, Arena *arena, ProxyRoles *ret,
                      DiagList *diags)
{
        ret->items = arena_alloc_array(arena, groups->n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < groups->n; i++) {
                int role = names_find(socket_role_names, groups->items[i].value);

                if (role < 0) {
                        diag_error(diags, node->place,
                                   "field \"proxyAuth\": the role of group \"%s\" is read, write "
                                   "or admin, not \"%s\"",
                                   groups->items[i].key, groups->items[i].value);
                        return -EINVAL;
                }
                ret->items[ret->n++] = (ProxyRole){ groups->items[i].key, role };
        }
        return 0;
}

/* Converts the name to its number at startup, so that the running daemon queries no directory
 * service. */
static int find_user(const Node *node, ProxyAuth *proxy, DiagList *diags)
{
        int r = account_find_user(proxy->user, &proxy->user_id);

        if (r == -ENOENT)
                diag_error(diags, node->place,
                           "field \"proxyAuth\": \"%s\" is not a user of this machine",
                           proxy->user);
        else if (r < 0)
                diag_error(diags, node->place, "field \"proxyAuth\": cannot look up \"%s\": %s",
                           proxy->user, strerror(-r));
        return r < 0 ? -EINVAL : 0;
}

int config_check_proxy(const Pairs *groups, const Node *node, Arena *arena, ProxyAuth *proxy,
                       DiagList *diags)
{
        int r;

        if (!node)
                return 0;
        if (!proxy->header || !proxy->user || groups->n == 0)
                return refuse(node, "header, user and groups are required", diags);
        if (!is_header(proxy->header) || (proxy->groups_header && !is_header(proxy->groups_header)))
                return refuse(node, "header and groupsHeader are names of HTTP headers", diags);
        r = find_user(node, proxy, diags);
        return r < 0 ? r : read_roles(groups, node, arena, &proxy->roles, diags);
}
