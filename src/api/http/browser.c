#include "api/http/browser.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "model/person.h"

/* A cookie whose name begins with __Host- must be secure, and no other host can set it. */
#define COOKIE        "relman_session"
#define SECURE_COOKIE "__Host-" COOKIE

/* --- the cookie ------------------------------------------------------------------------------- */

/* True if the browser speaks TLS: with relmand, or with a proxy that says so. A client that claims
 * it wrongly only loses its own cookie. */
static bool is_secure(Request *request)
{
        const char *forwarded = request_header(request, "X-Forwarded-Proto");

        return (request->server->cert && !request->listener->is_local) ||
               (forwarded && strcasecmp(forwarded, "https") == 0);
}

const char *browser_session(Request *request)
{
        return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND,
                                           is_secure(request) ? SECURE_COOKIE : COOKIE);
}

void browser_set_cookie(Request *request, const char *session, usec_t expires_at)
{
        bool secure = is_secure(request);
        usec_t now = time_wall();
        usec_t age = session && expires_at > now ? (expires_at - now) / USEC_PER_SEC : 0;

        request_header_out(request, "Set-Cookie",
                           arena_printf(&request->arena,
                                        "%s=%s; Path=/; Max-Age=%llu; HttpOnly; SameSite=Strict%s",
                                        secure ? SECURE_COOKIE : COOKIE, session ? session : "",
                                        (unsigned long long)age, secure ? "; Secure" : ""));
}

/* --- requests of other sites ------------------------------------------------------------------ */

const SessionKey *browser_key(Request *request)
{
        SessionKey *key = &request->server->session_key;
        const char *path = NULL;

        if (!key->is_loaded)
                path = arena_printf(&request->arena, "%s.session-key",
                                    request->server->options->state_path);
        return session_key_load(key, path) < 0 ? NULL : key;
}

int browser_csrf(Request *request, char ret[SESSION_CSRF_SIZE])
{
        const SessionKey *key;
        const char *of = request->login == LOGIN_SESSION ? browser_session(request)
                         : request->login == LOGIN_PROXY ? request->principal
                                                         : NULL;

        ret[0] = '\0';
        if (!of)
                return 0;
        key = browser_key(request);
        return key ? session_csrf(key, of, ret) : -EIO;
}

/* True if the header Origin names the host of the request. */
static bool is_own_origin(Request *request, const char *origin)
{
        const char *host = request_header(request, "Host"), *at = strstr(origin, "://");

        return host && at && strcasecmp(at + 3, host) == 0;
}

/* Sec-Fetch-Site comes first, because a proxy may change Host. Browsers send it only to origins
 * that they trust: over TLS, and to localhost. */
static bool is_other_site(Request *request)
{
        const char *site = request_header(request, "Sec-Fetch-Site");
        const char *origin = request_header(request, "Origin");

        if (site)
                return !streq(site, "same-origin");
        return origin && !is_own_origin(request, origin);
}

bool browser_is_same_site(Request *request)
{
        if (!is_other_site(request))
                return true;
        request_problem(request, 403,
                        "a page of another site made the browser send this request; send it from "
                        "the page of relmand, or with a bearer token");
        return false;
}

/* True if the request has a header that only a browser sends, and that says where it is from. */
static bool has_site(Request *request)
{
        return request_header(request, "Sec-Fetch-Site") || request_header(request, "Origin");
}

bool browser_may_write(Request *request)
{
        const char *given = request_header(request, "X-CSRF-Token");
        char wanted[SESSION_CSRF_SIZE];

        if (streq(request->method, "GET") || streq(request->method, "HEAD") ||
            request->login == LOGIN_TOKEN)
                return true;
        if (!browser_is_same_site(request))
                return false;
        if (request->login == LOGIN_SOCKET)
                return true;
        if (!has_site(request)) {
                request_problem(request, 403,
                                "a change with a session needs the header Origin or "
                                "Sec-Fetch-Site, which browsers send; other clients send a bearer "
                                "token");
                return false;
        }
        if (browser_csrf(request, wanted) < 0) {
                request_problem(request, 500, "there is no randomness for the key of sessions");
                return false;
        }
        if (given && session_text_equals(given, wanted))
                return true;
        request_problem(request, 403,
                        "a change with a session needs the header X-CSRF-Token with csrfToken of "
                        "GET /api/v1/session");
        return false;
}

/* --- a trusted proxy -------------------------------------------------------------------------- */

typedef struct HeaderCount {
        const char *name;
        unsigned n;
} HeaderCount;

static enum MHD_Result count_header(void *userdata, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
        HeaderCount *count = userdata;

        (void)kind;
        (void)value;
        count->n += strcasecmp(name, count->name) == 0;
        return MHD_YES;
}

static unsigned header_count(const Request *request, const char *name)
{
        HeaderCount count = { name, 0 };

        (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_header, &count);
        return count.n;
}

/* Returns the highest role of the user's groups; -1: none. The group * is every user. */
static int role_of_groups(const ProxyAuth *proxy, const char *groups)
{
        int best = -1;

        for (size_t i = 0; i < proxy->roles.n; i++) {
                const ProxyRole *role = &proxy->roles.items[i];
                size_t size = strlen(role->group);
                bool is_in = streq(role->group, "*");

                for (const char *p = groups; *p && !is_in; p += strcspn(p, ","), p += *p == ',') {
                        p += strspn(p, " ");
                        is_in = strncmp(p, role->group, size) == 0 &&
                                (p[size] == '\0' || strchr(" ,", p[size]));
                }
                if (is_in)
                        best = MAX(best, role->role);
        }
        return best;
}

static int refuse_proxied(Request *request, unsigned status, const char *what)
{
        request_problem(request, status, "%s (api.proxyAuth of relmand.yaml)", what);
        return -EACCES;
}

int browser_proxied(Request *request)
{
        const ProxyAuth *proxy = request->server->options->proxy_auth;
        const char *user, *groups = NULL;
        int role;

        if (!proxy || !proxy->header)
                return 0;
        user = request_header(request, proxy->header);
        if (request->uid != proxy->user_id)
                return user ? refuse_proxied(request, 403,
                                             "only the proxy may send the header with the user")
                            : 0;
        if (proxy->groups_header)
                groups = request_header(request, proxy->groups_header);
        if (header_count(request, proxy->header) > 1 ||
            (proxy->groups_header && header_count(request, proxy->groups_header) > 1))
                return refuse_proxied(request, 400, "the proxy sent a header twice");
        if (!user || !person_is_valid(user))
                return refuse_proxied(request, 401, "the proxy did not name a user, one word");
        request->login = LOGIN_PROXY;
        request->principal = arena_printf(&request->arena, "proxy:%s", user);
        request->person = arena_strdup(&request->arena, user);
        if (!request->principal || !request->person)
                return -ENOMEM;
        role = role_of_groups(proxy, groups ? groups : "");
        if (role < 0)
                return refuse_proxied(request, 403, "no group of the user has a role");
        request->role = MIN(request->role, (TokenRole)role);
        return 1;
}
