#include "ctl/client/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/limits.h"
#include "model/json.h"

#define ORIGIN  "http://localhost"
#define TIMEOUT (600 * USEC_PER_SEC) /* the poll of a component may take minutes */

typedef struct Client {
        sd_event *event;
        HttpClient *http;
        HttpPool *pool;
        Arena *arena;
        const ClientPlace *place;
        ClientAnswer *answer;
        const int *body_fd;
        Error *error;
        int result;
        sd_event_source *clock;
        unsigned seconds; /* number of seconds that are shown on a terminal */
} Client;

static void client_done(Client *client)
{
        if (client->seconds > 0)
                (void)fputs("\r\033[K", stderr); /* removes the line that shows the progress */
        sd_event_source_disable_unref(client->clock);
        (void)http_pool_free(client->pool); /* may be NULL */
        (void)http_client_free(client->http);
        (void)sd_event_unref(client->event);
}

static ErrorKind kind_of(unsigned status)
{
        switch (status) {
        case 401:
        case 403: return ERROR_DENIED;
        case 404: return ERROR_NOT_FOUND;
        case 409:
        case 412: return ERROR_CONFLICT;
        case 502:
        case 503:
        case 504: return ERROR_UNREACHABLE;
        default: return status < 500 ? ERROR_INVALID : ERROR_INTERNAL;
        }
}

/* Sets the answer after a success. If the body was written to a file, the caller checks the
 * file. */
static int client_take_success(Client *client, Node *node)
{
        ClientAnswer *answer = client->answer;
        int r;

        if (client->body_fd || answer->is_plain)
                return 0;
        r = answer_check(answer->json, answer->text, answer->shape, client->error);
        if (r < 0 || answer->raw)
                return r;
        return answer_escape(node, client->arena) < 0 ? error_oom(client->error) : 0;
}

static int take(Client *client, const HttpResponse *response)
{
        ClientAnswer *answer = client->answer;
        const char *detail;
        Node *node = NULL;
        int r;

        answer->status = response->status;
        answer->may_wait = http_header(response, "Preference-Applied", NULL);
        answer->text = arena_strndup(client->arena, response->body, response->body_size);
        if (!answer->text)
                return error_oom(client->error);
        r = json_to_node(answer->text, response->body_size, client->arena, &node, NULL);
        if (r == -ENOMEM)
                return error_oom(client->error);
        answer->json = node = r < 0 ? NULL : node;
        if (response->status < 400)
                return client_take_success(client, node);
        detail = answer->json ? node_text(answer->json, "detail") : "";
        if (strncmp(detail, "body: ", 6) == 0)
                detail += 6; /* the user did not write the body of the request */
        if (response->status == 401 && !client->place->token)
                return error_set(client->error, ERROR_DENIED, -EREMOTEIO,
                                 "%s; put one into RELMAN_TOKEN (relmanctl token makes them)",
                                 detail[0] ? detail : "a bearer token is needed");
        return error_set(
                client->error, kind_of(response->status), -EREMOTEIO, "%s",
                detail[0] ? detail
                          : arena_printf(client->arena, "relmand answers %u", response->status));
}

/* Adds the next step to the message. The step depends on the failure. */
static int no_answer(Client *client, const Error *error)
{
        const char *socket = client->place->socket, *why = error_message(error);

        if (client->place->url)
                return error_set(client->error, ERROR_UNREACHABLE, -ECONNREFUSED,
                                 "relmand does not answer: %s", error_message(error));
        if (access(socket, W_OK) < 0 && errno == EACCES)
                return error_set(client->error, ERROR_UNREACHABLE, -EACCES,
                                 "'%s' is for root and the group relman; adduser USER relman, and "
                                 "log in again",
                                 socket);
        if (access(socket, F_OK) < 0)
                why = strerror(errno);
        else if (strstr(why, "connect to server"))
                why = "nobody listens there";
        return error_set(client->error, ERROR_UNREACHABLE, -ECONNREFUSED,
                         "relmand does not answer at '%s' (%s); is it running? systemctl start "
                         "relmand, or name its socket by --socket or RELMAN_SOCKET",
                         socket, why);
}

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        Client *client = userdata;

        if (error)
                client->result = no_answer(client, error);
        else
                client->result = take(client, response);
        (void)sd_event_exit(client->event, 0); /* the event loop runs for this call only */
}

static int on_clock(sd_event_source *source, usec_t usec, void *userdata)
{
        Client *client = userdata;

        (void)usec;
        (void)fprintf(stderr, "\rwaiting for relmand, %u s \033[K", ++client->seconds);
        (void)fflush(stderr); /* a write error of the progress line does not matter */
        if (sd_event_source_set_time_relative(source, USEC_PER_SEC) < 0)
                return 0;
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Starts the timer that shows the progress on a terminal. */
static int show_progress(Client *client)
{
        if (!isatty(STDERR_FILENO))
                return 0;
        return sd_event_add_time_relative(client->event, &client->clock, CLOCK_MONOTONIC,
                                          USEC_PER_SEC, 0, on_clock, client);
}

static int start(Client *client, const ClientRequest *wanted, Error *err)
{
        const char *origin = client->place->url ? client->place->url : ORIGIN;
        const HttpPoolOptions options = { .name = "relmand",
                                          .concurrency = 1,
                                          .timeout = TIMEOUT,
                                          .silence = TIMEOUT / USEC_PER_SEC,
                                          .allow_plain = true,
                                          .origin = origin,
                                          .unix_socket =
                                                  client->place->url ? NULL : client->place->socket,
                                          .ca_file = client->place->ca_file,
                                          .ca_option = "--ca-file, or RELMAN_CA_FILE,",
                                          .max_tries = 1 };
        const char *const headers[] = {
                wanted->idempotency_key ? arena_printf(client->arena, "Idempotency-Key: %s",
                                                       wanted->idempotency_key)
                : wanted->if_none_match
                        ? arena_printf(client->arena, "If-None-Match: %s", wanted->if_none_match)
                        : NULL,
                wanted->wait_seconds > 0
                        ? arena_printf(client->arena, "Prefer: wait=%u", wanted->wait_seconds)
                        : NULL,
                NULL
        };
        const HttpRequest request = {
                .method = wanted->method,
                .url = arena_printf(client->arena, "%s%s", origin, wanted->path),
                .authorization =
                        client->place->url && client->place->token
                                ? arena_printf(client->arena, "Bearer %s", client->place->token)
                                : NULL,
                .headers = headers,
                .body_fd = wanted->body_fd,
                .body = wanted->body,
                .content_type = wanted->body ? "application/json" : NULL,
                .body_max = API_ANSWER_MAX
        };
        HttpCall *call;
        int r;

        if (!request.url)
                return error_oom(err);
        r = sd_event_new(&client->event);
        if (r >= 0)
                r = show_progress(client);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        r = http_client_new(client->event, "relmanctl", &client->http, err);
        if (r >= 0)
                r = http_pool_new(client->http, &options, &client->pool, err);
        if (r >= 0)
                r = http_start(client->pool, &request, on_answer, client, &call, err);
        return r;
}

int client_call(const ClientPlace *place, const ClientRequest *request, Arena *arena,
                ClientAnswer *ret, Error *err)
{
        _cleanup_(client_done) Client client = { .arena = arena,
                                                 .place = place,
                                                 .answer = ret,
                                                 .body_fd = request->body_fd,
                                                 .error = err };
        int r;

        *ret = (ClientAnswer){ .shape = ret->shape, .is_plain = ret->is_plain, .raw = ret->raw };
        r = start(&client, request, err);
        if (r < 0)
                return r;
        r = sd_event_loop(client.event);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        return client.result;
}

const char *node_text(const Node *node, const char *key)
{
        const char *text = node_get_text(node, key);

        return text ? text : "";
}

static const Node *of_type(const Node *node, const char *key, const Node *empty)
{
        const Node *value = key ? node_get(node, key) : node;

        return value && value->type == empty->type ? value : empty;
}

const Node *node_list(const Node *node, const char *key)
{
        static const Node empty = { .type = NODE_SEQUENCE };

        return of_type(node, key, &empty);
}

const Node *node_map(const Node *node, const char *key)
{
        static const Node empty = { .type = NODE_MAPPING };

        return of_type(node, key, &empty);
}

const Node *node_page(const Node *answer)
{
        return node_list(answer, node_get(answer, "data") ? "data" : NULL);
}
