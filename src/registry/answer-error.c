#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/limits.h"
#include "model/json.h"
#include "registry/content.h"
#include "registry/wire/json-keys.h"

/* Writes ": CODE: MESSAGE" of the first error in an OCI error body, escaped. Writes "" if there is
 * none. */
static void quote_error_body(const HttpResponse *response, char *ret, size_t ret_size)
{
        static const char *const names[] = { "errors", "code", "message", NULL };
        const JsonKeys keys = { .names = names };
        _cleanup_(json_free) cJSON *json = NULL;
        const cJSON *first, *code, *message;
        char text[512];

        ret[0] = '\0';
        if (response->body_size == 0 || response->body_size > ERROR_BODY_MAX ||
            json_read(response->body, response->body_size, &keys, &json, NULL) < 0)
                return;
        first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "errors"), 0);
        code = cJSON_GetObjectItemCaseSensitive(first, "code");
        message = cJSON_GetObjectItemCaseSensitive(first, "message");
        if (!cJSON_IsString(code))
                return;
        (void)snprintf(text, sizeof(text), ": %s%s%s", code->valuestring,
                       cJSON_IsString(message) ? ": " : "",
                       cJSON_IsString(message) ? message->valuestring : "");
        (void)escape_text(text, strlen(text), ret, ret_size);
}

static ErrorKind kind_of(unsigned status)
{
        if (status == 401 || status == 403)
                return ERROR_DENIED;
        if (status == 404)
                return ERROR_NOT_FOUND;
        if (status == 408 || status == 429 || status >= 500)
                return ERROR_UNREACHABLE;
        return ERROR_HOSTILE;
}

/* True if the answer shows that the port expects TLS, but relman sent plain HTTP. Recognizes the
 * servers of Go, nginx and Apache. */
static bool wants_tls(const RegistryCall *call, const HttpResponse *response)
{
        static const char *const words[] = { "to an HTTPS server", "to HTTPS port",
                                             "to an SSL-enabled server port" };

        if (response->status != 400 || strncmp(call->url, "http://", strlen("http://")) != 0)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (memmem(response->body, response->body_size, words[i], strlen(words[i])))
                        return true;
        return false;
}

/* Writes the next step for the user after a 401, a 403, or plain HTTP to a TLS port. Writes ""
 * otherwise. */
static void hint(const RegistryCall *call, const HttpResponse *response, char *ret, size_t ret_size)
{
        const Registry *registry = call->registry;
        const RegistryAuth *auth = &registry->auth;
        _cleanup_(freep) char *host = NULL;

        ret[0] = '\0';
        if (wants_tls(call, response))
                (void)snprintf(ret, ret_size,
                               "; it speaks TLS: begin the Registry's url with https://");
        if (response->status != 401 && response->status != 403)
                return;
        if (!url_same_origin(response->url, call->url) && (host = url_host(response->url))) {
                (void)snprintf(ret, ret_size,
                               "; a redirect led to '%s', which gets no login: name that host in "
                               "the Registry's url and in imageRepository",
                               host);
                return;
        }
        if (!auth->username && !auth->token_file && !auth->docker_config && !auth->helper)
                (void)snprintf(ret, ret_size,
                               "; relman asked anonymously: give the Registry an auth section");
        else if (call->is_anonymous && auth->docker_config)
                (void)snprintf(ret, ret_size,
                               "; relman asked anonymously: no entry of '%s' holds credentials for "
                               "'%s/%s'",
                               auth->docker_config, registry->host, call->repository);
        else if (call->is_anonymous)
                (void)snprintf(ret, ret_size,
                               "; relman asked anonymously: credential helper "
                               "'docker-credential-%s' holds none for '%s'",
                               auth->helper, registry->host);
        else
                (void)snprintf(
                        ret, ret_size,
                        "; check the Registry's auth section, and the account's right to pull");
}

int answer_error(const RegistryCall *call, const HttpResponse *response, Error *err)
{
        static const char *const methods[] = {
                [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST"
        };
        int code = url_same_origin(response->url, call->url) ? -EPROTO : HTTP_ELSEWHERE;
        char said[512], advice[PATTERN_MAX + 1024];

        hint(call, response, advice, sizeof(advice));
        quote_error_body(response, said, sizeof(said));
        return error_set(err, kind_of(response->status), code, "%s %.*s: status %u%s%s",
                         methods[call->method], (int)strcspn(call->url, "?#"), call->url,
                         response->status, said, advice);
}

int answer_refuse_bytes(const RegistryCall *call, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "GET %s: the bytes that came do not have this digest; nothing was changed",
                         call->url);
}

int answer_check_bytes(const RegistryCall *call, const HttpResponse *response, const char *digest,
                       Error *err)
{
        if (response->status != 200)
                return answer_error(call, response, err);
        return digest_matches(digest, response->body, response->body_size)
                       ? 0
                       : answer_refuse_bytes(call, err);
}
