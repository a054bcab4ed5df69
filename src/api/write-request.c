#include "api/write-request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "api/http/access.h"
#include "api/internal.h"
#include "base/limits.h"
#include "base/log.h"

#define KEY_MAX 255

/* --- the actor -------------------------------------------------------------------------------- */

static const char *request_origin(Request *request, Arena *arena)
{
        const union MHD_ConnectionInfo *info;
        char text[INET6_ADDRSTRLEN] = "";
        const struct sockaddr *address;

        if (request->listener->is_local)
                return "unix";
        info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        address = info ? info->client_addr : NULL;
        if (address && address->sa_family == AF_INET)
                (void)inet_ntop(AF_INET,
                                &((const struct sockaddr_in *)(const void *)address)->sin_addr,
                                text, sizeof(text));
        else if (address && address->sa_family == AF_INET6)
                (void)inet_ntop(AF_INET6,
                                &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                                text, sizeof(text));
        return arena_strdup(arena, text);
}

int request_actor(Request *request, Arena *arena, Actor *ret)
{
        *ret = (Actor){ .tenant = DEFAULT_TENANT,
                        .principal = request->principal,
                        .person = request_account(request, arena),
                        .origin = request_origin(request, arena),
                        .action = arena_printf(arena, "%s %s", request->method, request->path) };
        return !ret->origin || !ret->action || arena->failed ? -ENOMEM : 0;
}

/* --- idempotency ------------------------------------------------------------------------------ */

static bool key_is_valid(const char *key)
{
        size_t size = strlen(key);

        for (const char *p = key; *p; p++)
                if (*p < '!' || *p > '~')
                        return false;
        return size > 0 && size <= KEY_MAX;
}

/* Returns a digest of the method, path, tenant and body, which identify a request. */
static const char *digest_of(Request *request)
{
        _cleanup_(buffer_done) Buffer text;
        char digest[DIGEST_SIZE_MAX];

        buffer_init(&text, API_REQUEST_MAX);
        (void)buffer_printf(&text, "%s %s %s\n", request->method, request->path,
                            request_tenant(request));
        (void)buffer_append(&text, request->body.data, request->body.size);
        if (text.failed)
                return NULL;
        digest_sha256(text.data, text.size, digest);
        return arena_strdup(&request->arena, digest);
}

static bool is_under_way(const Request *request)
{
        for (const Request *other = request->server->suspended; other;
             other = other->next_suspended)
                if (other->actor.idempotency_key &&
                    streq(other->actor.idempotency_key, request->actor.idempotency_key) &&
                    streq(other->actor.tenant, request->actor.tenant) &&
                    streq(other->principal, request->principal))
                        return true;
        return false;
}

/* Answers a request whose idempotency key was used before. An identical request gets the result;
 * another request gets 422. */
static int request_replay(Request *request, const AuditEntry *entry, Error *err)
{
        char at[TIME_TEXT_SIZE];
        int r;

        if (!str_equal(entry->actor.request_digest, request->actor.request_digest)) {
                request_problem(request, 422,
                                "this Idempotency-Key was used for another request (%s at %s)",
                                entry->actor.action, time_format(entry->at, at));
                return 1;
        }
        r = request_show(request, entry->result_id ? entry->result_id : entry->object_id, err);
        if (r < 0)
                return r;
        request_header_out(request, "Idempotency-Replayed", "true");
        request->is_recorded = true; /* the audit has the row of the first request */
        return 1;
}

int request_begin_write(Request *request, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const char *key = request_header(request, "Idempotency-Key");
        Actor *actor = &request->actor;
        AuditEntry entry;
        int r;

        if (request_actor(request, &request->arena, actor) < 0)
                return error_oom(err);
        actor->tenant = request_tenant(request);
        if (!key || !request->route->show)
                return 0;
        if (!key_is_valid(key))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "header Idempotency-Key: 1 to %d printable characters", KEY_MAX);
        actor->idempotency_key = arena_strdup(&request->arena, key);
        actor->request_digest = digest_of(request);
        if (!actor->idempotency_key || !actor->request_digest)
                return error_oom(err);
        if (is_under_way(request)) {
                request_problem(request, 409, "a request with this Idempotency-Key is under way");
                return 1;
        }
        r = store_audit_by_key(store, actor, &request->arena, &entry, err);
        return r <= 0 ? r : request_replay(request, &entry, err);
}

/* --- preconditions ---------------------------------------------------------------------------- */

bool etag_is_listed(const char *header, const char *etag, bool is_weak)
{
        size_t size = strlen(etag);

        for (const char *p = header; *p; p += strcspn(p, ",")) {
                p += strspn(p, " \t,");
                if (*p == '*')
                        return true;
                if (is_weak && strncmp(p, "W/", 2) == 0)
                        p += 2;
                if (strncmp(p, etag, size) == 0 && (p[size] == '\0' || strchr(" \t,", p[size])))
                        return true;
        }
        return false;
}

/* If-Match takes the strong comparison (RFC 9110, 13.1.1). */
bool request_matches(Request *request, const char *etag)
{
        const char *header = request_header(request, "If-Match");

        if (!etag) {
                request_problem(request, 500, "out of memory");
                return false;
        }
        if (!header || etag_is_listed(header, etag, false))
                return true;
        request_problem(request, 412,
                        "it has changed since: its ETag is %s now; read it again, then decide",
                        etag);
        return false;
}

int request_show(Request *request, const char *id, Error *err)
{
        request->answer.status = request->route->status;
        return request->route->show(request, id, err);
}

int request_show_stored(Request *request, const char *id)
{
        _cleanup_(error_done) Error error = { 0 };

        (void)request_answer_stored(request, uuid_is_valid(id) ? "{\"id\":\"%s\"}\n" : "{}\n", id);
        if (request_show(request, id, &error) >= 0)
                return 0;
        log_warning("api: %s %s: it is stored, but cannot be shown: %s", request->method,
                    request->path, error_message(&error));
        buffer_clear(&request->answer.body);
        return 0;
}
