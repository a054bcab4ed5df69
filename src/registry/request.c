/* Sends one request with authorization.
 *
 * relman sends credentials only after a challenge of the registry. There are two exceptions:
 * configured bearer tokens, and requests with REQUEST_BASIC. A 401 shows how to log in; later
 * requests to the registry log in at once. After a 401, relman sends the request again once. A
 * second 401 is final, because a token server may return a token without rights. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/internal.h"
#include "registry/realm.h"
#include "registry/wire/scope.h"

static int request_send(RegistryCall *call, Error *err);

static void fail_own(RegistryCall *call, Error *error)
{
        call->answer(call, NULL, error);
        error_done(error);
}

/* --- challenges ------------------------------------------------------------------------------- */

static int set_text(char **to, const char *text)
{
        char *copy = text ? strdup(text) : NULL;

        if (text && !copy)
                return -ENOMEM;
        free(*to);
        *to = copy;
        return 0;
}

static int learn_bearer(RegistryCall *call, const Challenge *challenge, Error *err)
{
        Registry *registry = call->registry;
        Credentials credentials;
        bool with_secret;
        char *scope;
        int r;

        if (strlen(challenge->realm) > CHALLENGE_TEXT_MAX ||
            (challenge->service && strlen(challenge->service) > CHALLENGE_TEXT_MAX))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "registry '%s': the realm or service of its login challenge is "
                                 "longer than %d bytes",
                                 registry->name, CHALLENGE_TEXT_MAX);
        r = login_read(registry, call->repository, &credentials, err);
        if (r < 0)
                return r;
        with_secret = credentials_are_secret(&credentials);
        credentials_done(&credentials);
        r = realm_check(registry->url, challenge->realm, registry->auth.realm, with_secret, err);
        if (r < 0)
                return r;
        if (set_text(&registry->realm, challenge->realm) < 0 ||
            set_text(&registry->service, challenge->service) < 0)
                return error_oom(err);
        scope = scope_accept(call->repository, challenge->scope);
        if (!scope)
                return error_oom(err);
        free(call->scope);
        call->scope = scope;
        registry->scheme = AUTH_BEARER;
        return 1;
}

static int learn_basic(RegistryCall *call, Error *err)
{
        Registry *registry = call->registry;
        Credentials credentials;
        char *basic;
        bool same;
        int r;

        r = login_read(registry, call->repository, &credentials, err);
        if (r < 0)
                return r;
        basic = credentials.password ? credentials_basic(&credentials) : NULL;
        r = credentials.password && !basic ? error_oom(err) : 0;
        credentials_done(&credentials);
        if (r < 0 || !basic)
                return r;
        /* the registry refused the same credentials: sending them again is useless */
        same = registry->scheme == AUTH_BASIC && str_equal(call->sent_token, basic);
        free(registry->basic);
        registry->basic = basic;
        registry->scheme = AUTH_BASIC;
        return same ? 0 : 1;
}

/* Reads from a 401 how to log in. Returns 1 if another login may help, 0 if not. */
static int learn(RegistryCall *call, const HttpResponse *response, Error *err)
{
        Registry *registry = call->registry;
        _cleanup_(arena_done) Arena arena;
        Challenge challenge = { 0 };
        const char *header = NULL;

        arena_init(&arena, 256 * 1024);
        if (registry->auth.token_file || call->has_token)
                return 0;
        while ((header = http_header(response, "WWW-Authenticate", header)))
                if (challenge_parse(header, &arena, &challenge) < 0)
                        return error_oom(err);
        if (challenge.bearer && (realm_is_url(challenge.realm) || !challenge.basic))
                return learn_bearer(call, &challenge, err);
        return challenge.basic ? learn_basic(call, err) : 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        RegistryCall *call = userdata;
        Error own = { 0 };
        int r;

        call->http = NULL;
        if (error && error->code == HTTP_NO_ROOM) {
                request_send_with_room(call);
                return;
        }
        /* relman sends no login to the host of a redirect, so a challenge of that host is
         * ignored */
        if (error || response->status != 401 || call->tried_login ||
            call->auth != REQUEST_AS_REGISTRY || !url_same_origin(response->url, call->url)) {
                call->answer(call, response, error);
                return;
        }
        r = learn(call, response, &own);
        if (r == 0) {
                call->answer(call, response, NULL);
                return;
        }
        call->tried_login = true;
        if (r > 0)
                r = request_send(call, &own);
        if (r < 0)
                fail_own(call, &own);
}

static void on_room(void *userdata)
{
        RegistryCall *call = userdata;
        Error own = { 0 };

        call->waited += time_monotonic() - call->waits_since;
        call->tried_login = false; /* the token may have expired meanwhile */
        if (request_send(call, &own) < 0)
                fail_own(call, &own);
}

void request_send_with_room(RegistryCall *call)
{
        call->waits_since = time_monotonic();
        budget_wait(&call->share, on_room, call);
}

static int send_with(RegistryCall *call, const char *authorization, Error *err)
{
        HttpRequest request = { .method = call->method,
                                .url = call->url,
                                .headers = call->headers,
                                .authorization = authorization,
                                .body_max = call->body_max,
                                .share = &call->share,
                                .is_pull = call->is_pull,
                                .may_wait = call->may_wait };

        if (set_text(&call->sent_token, authorization) < 0)
                return error_oom(err);
        return http_start(call->registry->pool, &request, on_answer, call, &call->http, err);
}

static int send_token_file(RegistryCall *call, Error *err)
{
        Registry *registry = call->registry;
        Credentials credentials;
        char *authorization;
        int r;

        r = login_read(registry, call->repository, &credentials, err);
        if (r < 0)
                return r;
        authorization = text_printf("Bearer %s", credentials.token);
        credentials_done(&credentials);
        if (!authorization)
                return error_oom(err);
        r = send_with(call, authorization, err);
        free(authorization);
        return r;
}

static int send_basic(RegistryCall *call, Error *err)
{
        Registry *registry = call->registry;
        Credentials credentials;
        char *basic;
        int r;

        r = login_read(registry, call->repository, &credentials, err);
        if (r < 0)
                return r;
        basic = credentials.password ? credentials_basic(&credentials) : NULL;
        r = credentials.password && !basic ? error_oom(err) : send_with(call, basic, err);
        credentials_done(&credentials);
        free(basic);
        return r;
}

static void on_login(RegistryCall *call, const char *authorization, const Error *error)
{
        Error own = { 0 };

        (void)authorization;
        if (error)
                call->answer(call, NULL, error);
        else if (request_send(call, &own) < 0)
                fail_own(call, &own);
}

static void on_token(RegistryCall *call, const char *authorization, const Error *error)
{
        Error own = { 0 };

        if (error)
                call->answer(call, NULL, error);
        else if (send_with(call, authorization, &own) < 0)
                fail_own(call, &own);
}

/* Sends the request of the call, for the first time or again. */
static int request_send(RegistryCall *call, Error *err)
{
        Registry *registry = call->registry;
        const char *authorization;
        int r;

        if (call->auth == REQUEST_ANONYMOUS)
                return send_with(call, NULL, err);
        r = login_wait(call, on_login, err);
        if (r != 0)
                return MIN(r, 0);
        if (call->auth == REQUEST_BASIC)
                return send_basic(call, err);

        if (registry->auth.token_file || call->has_token)
                return send_token_file(call, err);
        switch (registry->scheme) {
        case AUTH_UNKNOWN: return send_with(call, NULL, err);
        case AUTH_BASIC:
                return registry->is_scoped ? send_basic(call, err)
                                           : send_with(call, registry->basic, err);
        case AUTH_BEARER: break;
        }
        r = token_use(call, on_token, &authorization, err);
        return r > 0 ? send_with(call, authorization, err) : r;
}

int request_start(RegistryCall *call, const RequestPlan *plan, Error *err)
{
        free(call->url);
        call->url = plan->url;
        if (!call->url)
                return error_oom(err);
        call->method = plan->method;
        call->headers = plan->headers;
        call->body_max = plan->body_max;
        call->answer = plan->answer;
        call->auth = plan->auth;
        call->is_pull = plan->is_pull;
        call->tried_login = false;
        return request_send(call, err);
}
