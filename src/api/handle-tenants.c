/* /api/v1/tenants. A tenant has a stored row after the first spec or write that names it. The
 * default tenant, and tenants of tokens and socket roles, exist without a row. */

#include <errno.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/http/access.h"
#include "api/page.h"
#include "model/schema/json-writer.h"
#include "store/tenants.h"

static bool has_token(const ApiTokens *tokens, const char *name)
{
        for (size_t i = 0; i < tokens->n; i++)
                if (tokens->items[i].tenant && streq(tokens->items[i].tenant, name))
                        return true;
        return false;
}

static bool has_role(const SocketRoles *roles, const char *name)
{
        for (size_t i = 0; roles && i < roles->n; i++)
                if (streq(roles->items[i].tenant, name) && !streq(name, "*"))
                        return true;
        return false;
}

static int no_such_tenant(const char *name, Error *err)
{
        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                         "there is no tenant '%s'; relmanctl get tenants lists them", name);
}

/* A tenant that the caller may not see gives ERROR_NOT_FOUND, to hide its existence. */
int tenant_check(Request *request, const char *name, Error *err)
{
        int r;

        if (request->tenant)
                return streq(name, request->tenant) ? 0 : no_such_tenant(name, err);
        if (streq(name, DEFAULT_TENANT))
                return 0;
        r = store_has_tenant(reconciler_store(request->api->reconciler), name, err);
        if (r != 0)
                return MIN(r, 0);
        return has_role(request->server->options->socket_roles, name) ||
                               has_token(request_tokens(request), name)
                       ? 0
                       : no_such_tenant(name, err);
}

int tenant_check_body(Request *request, const Node *value, Error *err)
{
        const char *own = request_tenant(request);
        Uuid id = tenant_id(own);

        if (node_is_text(value) && (streq(value->text, id.text) || streq(value->text, own)))
                return 0;
        request->pointer = "/tenantId";
        return no_such_tenant(value->type == NODE_SCALAR ? value->text : "", err);
}

static bool is_listed(const Tenants *tenants, const char *name)
{
        for (size_t i = 0; i < tenants->n; i++)
                if (streq(tenants->items[i].name, name))
                        return true;
        return false;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const Tenant *)a)->name, ((const Tenant *)b)->name);
}

static void add_named(Tenants *tenants, const char *name)
{
        if (name && !streq(name, "*") && !is_listed(tenants, name))
                tenants->items[tenants->n++] = (Tenant){ .name = name };
}

/* Lists all tenants, sorted by name. */
static int tenants_list(Request *request, Tenants *ret, Error *err)
{
        static const SocketRoles none = { 0 };
        const ApiTokens *tokens = request_tokens(request);
        const SocketRoles *roles = request->server->options->socket_roles;
        Tenants stored;
        int r;

        r = store_tenants(reconciler_store(request->api->reconciler), &request->arena, &stored,
                          err);
        if (r < 0)
                return r;
        roles = roles ? roles : &none;
        ret->n = stored.n;
        ret->items = arena_alloc_array(&request->arena, stored.n + tokens->n + roles->n + 1,
                                       sizeof(Tenant));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < stored.n; i++)
                ret->items[i] = stored.items[i];
        add_named(ret, DEFAULT_TENANT);
        for (size_t i = 0; i < tokens->n; i++)
                add_named(ret, tokens->items[i].tenant);
        for (size_t i = 0; i < roles->n; i++)
                add_named(ret, roles->items[i].tenant);
        qsort(ret->items, ret->n, sizeof(Tenant), by_name);
        return 0;
}

static bool may_see(const Request *request, const Tenant *tenant)
{
        return !request->tenant || streq(tenant->name, request->tenant);
}

int tenants_of_caller(Request *request, Strings *ret, Error *err)
{
        Tenants tenants;
        int r = tenants_list(request, &tenants, err);

        if (r < 0)
                return r;
        ret->n = 0;
        ret->items = arena_alloc_array(&request->arena, tenants.n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < tenants.n; i++)
                if (may_see(request, &tenants.items[i]))
                        ret->items[ret->n++] = tenants.items[i].name;
        return 0;
}

static void write_tenant(Json *json, const Tenant *tenant)
{
        Uuid id = tenant_id(tenant->name);

        json_begin(json, NULL, '{');
        json_text(json, "id", id.text);
        json_text(json, "name", tenant->name);
        json_time(json, "createdAt", tenant->created_at);
        json_end(json, '}');
}

int handle_tenants(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Tenants tenants;
        ListPage page;
        int r;

        r = list_page(request, &page, err);
        if (r >= 0)
                r = tenants_list(request, &tenants, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < tenants.n; i++)
                if (may_see(request, &tenants.items[i]) &&
                    list_page_takes_name(&page, tenants.items[i].name))
                        write_tenant(&json, &tenants.items[i]);
        json_end(&json, ']');
        return list_page_link(request, &page, err);
}

int handle_tenant(Request *request, Error *err)
{
        const char *wanted = request_parameter(request, "id");
        Json json = { .out = &request->answer.body };
        Tenants tenants;
        int r;

        r = tenants_list(request, &tenants, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < tenants.n; i++) {
                Uuid id = tenant_id(tenants.items[i].name);

                if (!may_see(request, &tenants.items[i]) ||
                    (!streq(tenants.items[i].name, wanted) && !streq(id.text, wanted)))
                        continue;
                write_tenant(&json, &tenants.items[i]);
                return 0;
        }
        return no_such_tenant(wanted, err);
}
