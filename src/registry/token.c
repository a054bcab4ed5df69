/* Fetches Bearer tokens. All calls with the same scope share one token, and wait for the same
 * request. token-cache.c stores the tokens. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/internal.h"
#include "registry/realm.h"
#include "registry/wire/scope.h"

#define CLIENT_ID     "relman"
#define RENEW_EARLIER (5 * USEC_PER_SEC)

/* --- waiting ---------------------------------------------------------------------------------- */

static void wait_for(RegistryCall *call, Token *token, LoginReady ready)
{
        call->ready = ready;
        call->waiting_for = token;
        call->waiting_round = token->round;
        call->waiting_next = NULL;
        if (token->waiting_last)
                token->waiting_last->waiting_next = call;
        else
                token->waiting_first = call;
        token->waiting_last = call;
}

void token_leave(RegistryCall *call)
{
        Token *token = call->waiting_for;
        RegistryCall **at, *last = NULL;

        if (!token)
                return;
        for (at = &token->waiting_first; *at != call; at = &(*at)->waiting_next)
                last = *at;
        *at = call->waiting_next;
        if (token->waiting_last == call)
                token->waiting_last = last;
        call->waiting_for = NULL;
}

/* Calls ready for all calls that wait. ready may cancel waiting calls. Calls that begin to wait in
 * the meantime have a later round, and wait for the next fetch. */
static void release_waiting(Token *token, const Error *error)
{
        unsigned round = token->round++;

        token->releasing = true;
        while (token->waiting_first && token->waiting_first->waiting_round == round) {
                RegistryCall *call = token->waiting_first;

                token_leave(call);
                call->ready(call, error ? NULL : token->value, error);
        }
        token->releasing = false;
}

/* --- fetching --------------------------------------------------------------------------------- */

static int take_answer(Token *token, const HttpResponse *response, Error *err)
{
        Registry *registry = token->registry;
        _cleanup_(arena_done) Arena arena = { 0 };
        const char *value;
        usec_t lifetime;
        char *header;
        int r;

        if (response->status != 200)
                return error_set(err,
                                 response->status == 401 || response->status == 403 ? ERROR_DENIED
                                 : response->status >= 500 || response->status == 429
                                         ? ERROR_UNREACHABLE
                                         : ERROR_HOSTILE,
                                 -EACCES, "registry '%s': token server '%s' answered %u%s",
                                 registry->name, registry->realm, response->status,
                                 response->status == 401 ? "; check username and password" : "");
        arena_init(&arena, 4 * TOKEN_ANSWER_MAX);
        r = token_parse(response->body, response->body_size, &arena, &value, &lifetime, err);
        if (r < 0)
                return error_prefix(err, r, "registry '%s': token server '%s'", registry->name,
                                    registry->realm);
        header = text_printf("Bearer %s", value);
        if (!header)
                return error_oom(err);
        token_set(token, header, time_monotonic() + lifetime - RENEW_EARLIER);
        return 0;
}

static void on_token(const HttpResponse *response, const Error *error, void *userdata)
{
        Token *token = userdata;
        Error own = { 0 };

        token->fetch = NULL;
        if (error) {
                release_waiting(token, error);
                return;
        }
        if (take_answer(token, response, &own) < 0)
                release_waiting(token, &own);
        else
                release_waiting(token, NULL);
        error_done(&own);
}

static int append_parameter(Buffer *url, const char *name, const char *value)
{
        _cleanup_(freep) char *escaped = NULL;

        if (!value)
                return 0;
        escaped = url_escape(value);
        if (!escaped)
                return -ENOMEM;
        return buffer_printf(url, "%c%s=%s", strchr(url->data, '?') ? '&' : '?', name, escaped);
}

static int token_url(const Token *token, const char *account, Buffer *url)
{
        (void)buffer_puts(url, token->registry->realm);
        if (append_parameter(url, "service", token->registry->service) < 0 ||
            append_parameter(url, "scope", token->scope) < 0 ||
            append_parameter(url, "client_id", CLIENT_ID) < 0 ||
            append_parameter(url, "account", account) < 0)
                return -ENOMEM;
        return url->failed;
}

/* Writes the body of an OAuth2 request with a refresh token (distribution's specification,
 * oauth.md). */
static int oauth_body(const Token *token, const Credentials *credentials, Buffer *body)
{
        const Registry *registry = token->registry;
        _cleanup_(freep) char *refresh = url_escape(credentials->identity_token),
                              *scope = url_escape(token->scope),
                              *service = url_escape(registry->service ? registry->service : "");

        if (!refresh || !scope || !service)
                return -ENOMEM;
        return buffer_printf(body,
                             "grant_type=refresh_token&client_id=" CLIENT_ID
                             "&service=%s&scope=%s&refresh_token=%s",
                             service, scope, refresh);
}

static int fetch_with(Token *token, const Credentials *credentials, Error *err)
{
        Registry *registry = token->registry;
        _cleanup_(buffer_done) Buffer url, body;
        _cleanup_(freep) char *basic = NULL;
        HttpRequest request = { .method = HTTP_GET,
                                .body_max = TOKEN_ANSWER_MAX,
                                .same_origin = true };

        buffer_init(&url, LINK_URL_MAX);
        buffer_init(&body, LINK_URL_MAX + TOKEN_ANSWER_MAX);
        if (credentials->identity_token) {
                if (oauth_body(token, credentials, &body) < 0)
                        return error_oom(err);
                request.method = HTTP_POST;
                request.url = registry->realm;
                request.body = body.data;
                request.content_type = "application/x-www-form-urlencoded";
                return http_start(registry->pool, &request, on_token, token, &token->fetch, err);
        }
        if (credentials->password) {
                basic = credentials_basic(credentials);
                if (!basic)
                        return error_oom(err);
        }
        if (token_url(token, credentials->username, &url) < 0)
                return error_oom(err);
        request.url = url.data;
        request.authorization = basic;
        return http_start(registry->pool, &request, on_token, token, &token->fetch, err);
}

static int fetch(Token *token, const char *repository, Error *err)
{
        Registry *registry = token->registry;
        Credentials credentials;
        int r;

        r = login_read(registry, repository, &credentials, err);
        if (r < 0)
                return r;
        /* the realm was checked after the challenge, but a person may have added credentials
         * since */
        r = realm_check(registry->url, registry->realm, registry->auth.realm,
                        credentials_are_secret(&credentials), err);
        if (r < 0)
                registry->scheme = AUTH_UNKNOWN; /* the next request gets a new challenge */
        else
                r = fetch_with(token, &credentials, err);
        credentials_done(&credentials);
        return r;
}

int token_use(RegistryCall *call, LoginReady ready, const char **ret_authorization, Error *err)
{
        Token *token = NULL;
        bool refused;

        if (!call->scope)
                call->scope = scope_pull(call->repository);
        if (call->scope)
                token = token_get(call->registry, call->scope);
        if (!token)
                return error_oom(err);
        /* after a 401 the token that was sent is invalid; another call may have renewed it since */
        refused = call->tried_login && token->value && str_equal(call->sent_token, token->value);
        if (token->value && !refused && time_monotonic() < token->expires_at) {
                *ret_authorization = token->value;
                return 1;
        }
        if (!token->fetch) {
                int r = fetch(token, call->repository, err);

                if (r < 0)
                        return r;
        }
        wait_for(call, token, ready);
        return 0;
}
