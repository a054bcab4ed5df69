/* /api/v1/session: who the caller is, and logins of browsers. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/handlers.h"
#include "api/http/access.h"
#include "api/http/browser.h"
#include "base/limits.h"
#include "model/schema/json-writer.h"

static const char *const login_names[] = {
        [LOGIN_NONE] = NULL,     [LOGIN_SOCKET] = "socket",   [LOGIN_PROXY] = "proxy",
        [LOGIN_TOKEN] = "token", [LOGIN_SESSION] = "session",
};

static int no_randomness(Error *err)
{
        return error_set(err, ERROR_INTERNAL, -EIO, "there is no randomness for sessions");
}

/* Writes the addresses of the page. An address of all interfaces gets the name of this host. */
static void write_addresses(Request *request, Json *json)
{
        const HttpOptions *options = request->server->options;
        const char *scheme = options->cert_file ? "https" : "http";
        char host[HOST_NAME_MAX + 1];

        if (gethostname(host, sizeof(host)) < 0)
                (void)snprintf(host, sizeof(host), "localhost");
        json_begin(json, "addresses", '[');
        for (size_t i = 0; request->api->options.web && i < options->listen.n; i++) {
                const char *address = options->listen.items[i], *port = strrchr(address, ':');
                size_t size = port ? (size_t)(port - address) : 0;
                bool is_any =
                        strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0;

                json_text(json, NULL,
                          arena_printf(&request->arena, "%s://%.*s%s/", scheme,
                                       (int)(is_any ? strlen(host) : size), is_any ? host : address,
                                       port ? port : ""));
        }
        json_end(json, ']');
}

static int write_session(Request *request, const char *csrf, Error *err)
{
        Json json = { .out = &request->answer.body };
        Strings tenants;
        int r = tenants_of_caller(request, &tenants, err);

        if (r < 0)
                return r;
        request_header_out(request, "Cache-Control", "no-store");
        json_begin(&json, NULL, '{');
        json_text(&json, "principal", request->principal);
        json_text(&json, "person", request_account(request, &request->arena));
        json_text(&json, "role", socket_role_names[request->role]);
        json_text(&json, "tenant", request->tenant);
        json_texts(&json, "tenants", &tenants);
        json_text(&json, "method", login_names[request->login]);
        write_addresses(request, &json);
        json_time(&json, "expiresAt", request->session_ends);
        json_text(&json, "csrfToken", csrf[0] ? csrf : NULL);
        json_end(&json, '}');
        return 0;
}

int handle_session(Request *request, Error *err)
{
        char csrf[SESSION_CSRF_SIZE];

        return browser_csrf(request, csrf) < 0 ? no_randomness(err)
                                               : write_session(request, csrf, err);
}

/* Returns the token of the request's header Authorization. NULL: it was removed in this moment. */
static const ApiToken *presented_token(Request *request)
{
        const char *header = request_header(request, "Authorization");

        return header ? tokens_find(request_tokens(request),
                                    header + strlen("Bearer ") + strspn(header + 7, " "))
                      : NULL;
}

/* Begins a session of the bearer token. A session does not begin another one, which would have no
 * end. */
int handle_login(Request *request, Error *err)
{
        char session[SESSION_SIZE], csrf[SESSION_CSRF_SIZE];
        const ApiToken *token = presented_token(request);
        const SessionKey *key;

        if (request->login != LOGIN_TOKEN || !token)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "a session begins with a bearer token in the header "
                                 "Authorization; over the unix socket none is needed");
        if (!browser_is_same_site(request))
                return 0;
        key = browser_key(request);
        request->session_ends = time_wall() / USEC_PER_SEC * USEC_PER_SEC + SESSION_LIFE;
        if (token->expires_at > 0)
                request->session_ends = MIN(request->session_ends, token->expires_at);
        if (!key || session_make(key, token, request->session_ends, session) < 0 ||
            session_csrf(key, session, csrf) < 0)
                return no_randomness(err);
        browser_set_cookie(request, session, request->session_ends);
        request->login = LOGIN_SESSION;
        request->answer.status = request->route->status;
        return write_session(request, csrf, err);
}

/* Removes the cookie. The server stores no sessions, so only the end of its time or of its token
 * ends a session that somebody copied. */
int handle_logout(Request *request, Error *err)
{
        (void)err;
        if (request->login == LOGIN_SESSION)
                browser_set_cookie(request, NULL, 0);
        return buffer_printf(&request->answer.body, "{\"ended\":%s}\n",
                             request->login == LOGIN_SESSION ? "true" : "false");
}
