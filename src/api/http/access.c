/* Identifies the caller and checks access. On the unix socket the kernel reports the identity, and
 * api.socketRoles has the rights. Over TCP a bearer token has both. */

#include "api/http/access.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http/browser.h"
#include "base/account.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

/* Reads the groups of the peer's process, with `own` as the last one. Returns their number, or a
 * negative errno. */
static int peer_groups(int fd, gid_t own, gid_t **ret)
{
        _cleanup_(freep) gid_t *groups = NULL;
        socklen_t size = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) < 0 && errno != ERANGE)
                return -errno;
        groups = malloc(size + sizeof(gid_t));
        if (!groups)
                return -ENOMEM;
        if (size > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
                return -errno;
        groups[size / sizeof(gid_t)] = own;
        *ret = TAKE(groups);
        return (int)(size / sizeof(gid_t)) + 1;
}

/* Finds the rights of the peer in api.socketRoles. If that has no entries, every peer has all
 * rights. */
static int local_role(Request *request, int fd, const struct ucred *peer)
{
        const SocketRoles *roles = request->server->options->socket_roles;
        _cleanup_(freep) gid_t *groups = NULL;
        const SocketRole *role;
        int n = 0;

        request->role = ROLE_ADMIN;
        request->tenant = NULL;
        if (!roles || roles->n == 0)
                return 0;
        if (socket_roles_need_groups(roles))
                n = peer_groups(fd, peer->gid, &groups);
        if (n < 0)
                return n == -ENOMEM ? n : -EBADF;
        role = socket_roles_find(roles, peer->uid, groups, (size_t)n);
        if (!role) { /* the audit must not record a tenant that such a caller names */
                request->tenant = DEFAULT_TENANT;
                return -EPERM;
        }
        request->role = (TokenRole)role->role;
        request->tenant = streq(role->tenant, "*") ? NULL : role->tenant;
        return 0;
}

static int local_principal(Request *request)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct ucred peer = { 0 };
        socklen_t size = sizeof(peer);
        int r;

        if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
                return -EBADF;
        request->principal = arena_printf(&request->arena, "uid:%u", (unsigned)peer.uid);
        request->uid = peer.uid;
        request->login = LOGIN_SOCKET;
        if (request->server->options->people)
                request->person = local_people_find(request->server->options->people, peer.uid);
        r = request->principal ? local_role(request, info->connect_fd, &peer) : -ENOMEM;
        return r < 0 ? r : MIN(browser_proxied(request), 0);
}

/* Sets the person to the name of the local user, or to the user id if the user has no name. A
 * failed lookup is an error, because the id would count as another person than the name. Only
 * approvals, new releases and commands for environments with promoters call this, so that a slow
 * directory service delays no other request. */
static int local_person(Request *request, Error *err)
{
        const char *name;
        int r = account_find_name(request->uid, &request->arena, &name);

        if (r < 0 && r != -ENOENT && r != -ENOMEM)
                return error_set(err, ERROR_INTERNAL, r,
                                 "cannot look up the name of uid:%u: %s; try again, or name the "
                                 "person in api.people of relmand.yaml",
                                 (unsigned)request->uid, strerror(-r));
        if (r >= 0 && name[0] && text_is_printable(name, strlen(name), TEXT_ONE_LINE, NULL))
                request->person = name;
        else if (r != -ENOMEM)
                request->person = arena_printf(&request->arena, "%u", (unsigned)request->uid);
        return request->person ? 0 : error_oom(err);
}

const char *request_account(const Request *request, Arena *arena)
{
        FILE *file;
        char texts[ACCOUNT_MAX];
        struct passwd user, *found;
        const char *name = NULL;

        if (request->person || !request->listener->is_local)
                return request->person;
        file = fopen("/etc/passwd", "re");
        for (size_t i = 0; file && !name && i < PASSWD_LINES_MAX; i++) {
                if (fgetpwent_r(file, &user, texts, sizeof(texts), &found) != 0)
                        break; /* end of the file, or a malformed line */
                if (user.pw_uid == request->uid &&
                    text_is_printable(user.pw_name, strlen(user.pw_name), TEXT_ONE_LINE, NULL))
                        name = arena_strdup(arena, user.pw_name);
        }
        if (file)
                (void)fclose(file); /* ignored: the file was only read */
        return name;
}

int request_person(Request *request, Error *err)
{
        int r = request->person ? 0 : local_person(request, err);

        request->actor.person = request->person;
        return r;
}

const ApiTokens *request_tokens(Request *request)
{
        static const ApiTokens none = { 0 };
        const char *path = request->server->options->token_file;
        _cleanup_(error_done) Error error = { 0 };
        const ApiTokens *tokens = &none;

        if (!path || !path[0])
                return &none;
        if (token_file_read(&request->server->tokens, path, &tokens, &error) < 0) {
                log_error("api: %s", error_message(&error));
                return &none;
        }
        return tokens;
}

static bool has_tcp(const HttpServer *server)
{
        for (const Listener *listener = server->listeners; listener; listener = listener->next)
                if (!listener->is_local && !listener->is_hooks)
                        return true;
        return false;
}

void access_check_tokens(HttpServer *server)
{
        const char *path = server->options->token_file;
        _cleanup_(error_done) Error error = { 0 };
        const ApiTokens *tokens;

        if (!has_tcp(server) || !path || !path[0] ||
            (server->options->listen.n > 0 && access(path, R_OK) < 0))
                return; /* the fault was reported when the configuration was read */
        if (token_file_read(&server->tokens, path, &tokens, &error) < 0)
                log_warning("api: nobody can log in over TCP: %s", error_message(&error));
        else if (tokens->n == 0)
                log_warning("api: nobody can log in over TCP: '%s' holds no token; relmanctl token "
                            "makes its lines",
                            path);
}

/* Reports whether the token is unknown or has expired. Only the owner of an expired token can see
 * the difference. */
static int refuse_login(Request *request, const ApiToken *token, bool has_shown)
{
        char until[TIME_TEXT_SIZE];

        if (token)
                request_problem(request, 401,
                                "the token '%s' expired at %s; relmanctl token %s makes another, "
                                "for api.tokenFile of relmand.yaml",
                                token->name, time_format(token->expires_at, until), token->name);
        else if (has_shown)
                request_problem(request, 401,
                                "the bearer token is unknown: no line of api.tokenFile of "
                                "relmand.yaml is about it; relmanctl token makes such lines");
        else
                request_problem(request, 401, "a bearer token is needed");
        request_challenge(request);
        return -EACCES;
}

static int take_token(Request *request, const ApiToken *token)
{
        request->principal = arena_printf(&request->arena, "token:%s", token->name);
        request->person = arena_strdup(&request->arena, token->person);
        request->tenant = token->tenant ? arena_strdup(&request->arena, token->tenant) : NULL;
        request->role = token->role;
        return request->principal && !request->arena.failed ? 0 : -ENOMEM;
}

/* Sets the principal from the session of a browser. -EACCES: the request was refused. */
static int session_principal(Request *request, const char *session)
{
        const SessionKey *key = browser_key(request);
        const ApiToken *token = NULL;

        if (key)
                token = session_find(key, request_tokens(request), session, &request->session_ends);
        if (!token) {
                request_problem(request, 401,
                                "the session has ended, or its token was removed; log in again");
                request_challenge(request);
                return -EACCES;
        }
        request->login = LOGIN_SESSION;
        return take_token(request, token);
}

/* Sets the principal from the bearer token, or from a session. -EACCES: the request was refused. */
static int token_principal(Request *request)
{
        const char *header = request_header(request, "Authorization");
        const char *session = header ? NULL : browser_session(request);
        const ApiToken *token;

        if (session)
                return session_principal(request, session);
        if (!header || strncasecmp(header, "Bearer ", 7) != 0)
                return refuse_login(request, NULL, false);
        token = tokens_find(request_tokens(request), header + 7 + strspn(header + 7, " "));
        if (!token || token_has_expired(token, time_wall()))
                return refuse_login(request, token, true);
        request->login = LOGIN_TOKEN;
        return take_token(request, token);
}

static TokenRole role_for(RouteAccess access)
{
        return access == ACCESS_ADMIN   ? ROLE_ADMIN
               : access == ACCESS_WRITE ? ROLE_WRITE
                                        : ROLE_READ;
}

/* Returns false, with the answer made, if the request names a tenant that the caller may not use.
 */
static bool has_tenant(Request *request)
{
        const char *wanted = request_query(request, "tenant");
        _cleanup_(error_done) Error error = { 0 };

        if (!wanted || request_is_of_all(request) ||
            request->server->application->check_tenant(request, wanted, &error) >= 0)
                return true;
        request_fail(request, &error);
        return false;
}

static void refuse_tenant(Request *request)
{
        if (request->listener->is_local)
                request_problem(request, 403,
                                "this is of all tenants, and api.socketRoles of relmand.yaml gives "
                                "%s tenant '%s' alone",
                                request->principal, request->tenant);
        else
                request_problem(request, 403,
                                "this is of all tenants, and the token of tenant '%s' alone; "
                                "relmanctl token --tenant '*' makes one for all",
                                request->tenant);
}

static void refuse_role(Request *request)
{
        const char *role = socket_role_names[request->role];
        const char *needed = socket_role_names[role_for(request->route->access)];

        if (request->listener->is_local)
                request_problem(request, 403,
                                "%s has role %s, and this takes role %s (api.socketRoles of "
                                "relmand.yaml)",
                                request->principal, role, needed);
        else
                request_problem(request, 403,
                                "%s has role %s, and this takes role %s; relmanctl token --role %s "
                                "makes a token for it",
                                request->principal, role, needed, needed);
}

bool request_may(Request *request)
{
        int r;

        if (request->route->access == ACCESS_OPEN)
                return true;
        r = request->listener->is_local ? local_principal(request) : token_principal(request);
        if (r == -ENOMEM) {
                request_problem(request, 500, "out of memory");
                return false;
        }
        if (r == -EBADF) {
                request_problem(request, 403, "the kernel does not say who the client is");
                return false;
        }
        if (r == -EPERM) {
                request_problem(request, 403,
                                "%s has no role: api.socketRoles of relmand.yaml has no entry for "
                                "this user or its groups",
                                request->principal);
                return false;
        }
        if (r < 0 || !browser_may_write(request)) /* the answer is made */
                return false;
        if (!has_tenant(request))
                return false;
        if (request->tenant && (request->route->of_all_tenants || request_is_of_all(request))) {
                refuse_tenant(request);
                return false;
        }
        if (request->role < role_for(request->route->access)) {
                refuse_role(request);
                return false;
        }
        return true;
}

bool request_is_of_all(const Request *request)
{
        const char *wanted = request_query(request, "tenant");

        return request->route->or_all_tenants && wanted && streq(wanted, ALL_TENANTS);
}

const char *request_tenant(const Request *request)
{
        const char *wanted = request_query(request, "tenant");

        return request->tenant ? request->tenant : wanted ? wanted : DEFAULT_TENANT;
}
