/* Adds commands to the audit that were refused, failed or changed nothing. If a
 * command changed something, its row is stored together with the change. */

#include "api/lookup.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"

#define AUDIT_ARENA_MAX ((size_t)64 * 1024)

/* True for commands. Reads get no row, except backups: their handler adds one, since a backup
 * copies the complete database. */
static bool audit_is_command(const Request *request)
{
        return request->route->access > ACCESS_READ && !streq(request->method, "GET") &&
               !streq(request->method, "HEAD");
}

/* Returns the tenant for the audit: the tenant that the caller named only if it exists, because a
 * refused command must not create a tenant. */
static const char *audit_tenant(Request *request)
{
        const char *wanted = request_query(request, "tenant");
        _cleanup_(error_done) Error error = { 0 };

        if (request->tenant)
                return request->tenant;
        return wanted && tenant_check(request, wanted, &error) >= 0 ? wanted : DEFAULT_TENANT;
}

/* Returns the name in the path or the body, for an object that was not found. */
static const char *audit_requested_name(Request *request, Arena *arena)
{
        const Node *body = request->document ? node_get(request->document, "name") : NULL;
        const char *name = request_parameter(request, "id");

        if (!name)
                name = request_parameter(request, "name");
        if (!name && body && node_is_text(body))
                name = body->text;
        return name ? escape_dup(arena, name, strnlen(name, AUDIT_NAME_MAX)) : "";
}

static int audit_entry_init(Request *request, unsigned status, Arena *arena, AuditEntry *ret)
{
        const Concern *concern = &request->concern;
        Actor actor;

        if (request_actor(request, arena, &actor) < 0)
                return -ENOMEM;
        actor.release = request->actor.release;
        *ret = (AuditEntry){ .at = time_wall(),
                             .tenant = audit_tenant(request),
                             .kind = concern->name ? concern->kind : kind_of_path(&request->parts),
                             .object_id = concern->id,
                             .object_name = concern->name ? concern->name
                                                          : audit_requested_name(request, arena),
                             .outcome = status == 0 || status >= 500 ? AUDIT_FAILED
                                        : status >= 400              ? AUDIT_REFUSED
                                                                     : AUDIT_ACCEPTED,
                             .status = status < 400 ? 0 : status };
        if (ret->outcome != AUDIT_ACCEPTED)
                ret->detail = status > 0 ? request->answer.detail
                                         : "the client closed the connection before the answer";
        if (!actor.release && ret->kind == KIND_RELEASE)
                actor.release = ret->object_name;
        ret->actor = actor;
        return ret->object_name ? 0 : -ENOMEM;
}

void request_audit(Request *request, unsigned status)
{
        _cleanup_(arena_done) Arena arena = { 0 }; /* the arena of the request may be full */
        _cleanup_(error_done) Error error = { 0 };
        AuditEntry entry;
        int r;

        if (!audit_is_command(request))
                return;
        arena_init(&arena, AUDIT_ARENA_MAX);
        r = audit_entry_init(request, status, &arena, &entry);
        if (r < 0)
                error_oom(&error);
        else
                r = command_record(request->api->reconciler, &entry, &error);
        if (r < 0)
                log_warning("api: %s %s by %s is not in the audit: %s", request->method,
                            request->path, request->principal, error_message(&error));
}
