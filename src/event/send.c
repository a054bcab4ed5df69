/* Sends events to a receiver: one request, or one mail. */

#include <errno.h>

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "event/internal.h"
#include "program/program-input.h"

#define SEND_MAX   ((size_t)16 * 1024 * 1024)
#define ANSWER_MAX ((size_t)64 * 1024)
#define SAID_MAX   400 /* bytes of the output of sendmail that a problem shows */

/* --- formats ---------------------------------------------------------------------------------- */

typedef struct Secrets {
        char *url, *secret, *token;
} Secrets;

/* One request to be written. */
typedef struct Sending {
        const ReceiverSpec *spec;
        EventList events;
        Secrets secrets;
        const char *url;
        Buffer body;
        EventHeaders headers;
        Arena *arena;
} Sending;

static int write_cloudevents(Sending *sending, Error *err)
{
        (void)err;
        if (sending->spec->batch == 0) {
                cloudevent_write(&sending->events.items[0], &sending->body);
                return 0;
        }
        for (size_t i = 0; i < sending->events.n; i++) {
                (void)buffer_putc(&sending->body, i == 0 ? '[' : ',');
                cloudevent_write(&sending->events.items[i], &sending->body);
        }
        (void)buffer_putc(&sending->body, ']');
        return 0;
}

static int write_slack(Sending *sending, Error *err)
{
        (void)err;
        chat_write_slack(&sending->events, &sending->body);
        return 0;
}

static int write_teams(Sending *sending, Error *err)
{
        (void)err;
        chat_write_teams(&sending->events, &sending->body);
        return 0;
}

static int write_json(Sending *sending, Error *err)
{
        return template_write(sending->spec, &sending->events.items[0], sending->secrets.token,
                              &sending->body, err);
}

static int write_deployment(Sending *sending, Error *err)
{
        EventHeaders *headers = &sending->headers;

        headers->lines[headers->n++] = "Accept: application/vnd.github+json";
        headers->lines[headers->n++] = "X-GitHub-Api-Version: 2026-03-10";
        return deployment_records_write(&sending->events.items[0], sending->url, &sending->body,
                                        err);
}

/* Writes the message, and headers for title, priority and tags (https://docs.ntfy.sh/publish/). */
static int write_ntfy(Sending *sending, Error *err)
{
        const EventList *events = &sending->events;
        EventHeaders *headers = &sending->headers;
        bool urgent = false;

        (void)err;
        for (size_t i = 0; i < events->n; i++)
                urgent = urgent || message_is_urgent(events->items[i].event->type);
        headers->lines[headers->n++] =
                events->n == 1
                        ? arena_printf(sending->arena, "Title: relman: %s",
                                       event_type_to_string(events->items[0].event->type))
                        : arena_printf(sending->arena, "Title: relman: %zu events", events->n);
        headers->lines[headers->n++] = urgent ? "Priority: high" : "Priority: default";
        headers->lines[headers->n++] = urgent ? "Tags: warning" : "Tags: package";
        chat_write_ntfy(events, &sending->body);
        return 0;
}

/* The formats that requests of HTTP have. */
static const struct {
        const char *content_type;
        int (*write)(Sending *sending, Error *err);
} formats[RECEIVER_FORMAT_MAX_] = {
        [RECEIVER_CLOUDEVENTS] = { "application/cloudevents+json; charset=utf-8",
                                   write_cloudevents },
        [RECEIVER_SLACK] = { "application/json", write_slack },
        [RECEIVER_NTFY] = { "text/plain; charset=utf-8", write_ntfy },
        [RECEIVER_TEAMS] = { "application/json", write_teams },
        [RECEIVER_JSON] = { "application/json", write_json },
        [RECEIVER_GITHUB_DEPLOYMENT] = { "application/json", write_deployment },
};

/* --- secrets ---------------------------------------------------------------------------------- */

static int read_secret(const Receiver *receiver, const char *file, const char *credential,
                       char **ret, Error *err)
{
        return secret_read(&(SecretPlace){ .file = file,
                                           .credential = credential,
                                           .folder = receiver->pump->options.credentials },
                           ret, err);
}

static void sending_done(Sending *sending)
{
        secret_forget(&sending->secrets.url);
        secret_forget(&sending->secrets.secret);
        secret_forget(&sending->secrets.token);
        buffer_done(&sending->body);
}

static int read_secrets(const Receiver *receiver, Secrets *ret, Error *err)
{
        const ReceiverSpec *spec = receiver->spec;
        int r;

        r = read_secret(receiver, spec->url_file, spec->url_credential, &ret->url, err);
        if (r >= 0)
                r = read_secret(receiver, spec->secret_file, spec->secret_credential, &ret->secret,
                                err);
        if (r >= 0)
                r = read_secret(receiver, spec->token_file, spec->token_credential, &ret->token,
                                err);
        return r;
}

/* --- HTTP ------------------------------------------------------------------------------------- */

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        Receiver *receiver = userdata;
        _cleanup_(error_done) Error refused = { 0 };

        receiver->call = NULL;
        if (!error && (response->status < 200 || response->status > 299)) {
                (void)error_set(&refused, ERROR_UNREACHABLE, -EPROTO, "it answers with status %u",
                                response->status);
                error = &refused;
        }
        if (!error && response->status == 207)
                log_warning("webhook '%s': it took only a part: %.200s", receiver->spec->name,
                            response->body);
        receiver->done(receiver, error);
}

static int start_request(Receiver *receiver, Sending *sending, Error *err)
{
        const ReceiverSpec *spec = receiver->spec;
        const char *token = spec->format == RECEIVER_JSON && template_has_token(spec)
                                    ? NULL
                                    : sending->secrets.token;
        HttpRequest request = { .method = HTTP_POST,
                                .content_type = formats[spec->format].content_type,
                                .headers = sending->headers.lines,
                                .url = sending->url,
                                .body = sending->body.data,
                                .body_max = ANSWER_MAX };

        if (spec->format == RECEIVER_CLOUDEVENTS && spec->batch > 0)
                request.content_type = "application/cloudevents-batch+json; charset=utf-8";
        if (sending->secrets.secret) {
                int r = event_sign(sending->secrets.secret, &sending->body, time_wall(),
                                   sending->arena, &sending->headers, err);

                if (r < 0)
                        return r;
        }
        if (token)
                request.authorization =
                        arena_printf(sending->arena, "%s %s", spec->token_scheme, token);
        return http_start(receiver->pool, &request, on_answer, receiver, &receiver->call, err);
}

/* --- mail ------------------------------------------------------------------------------------- */

static void on_mailed(const ProgramEnd *end, void *userdata)
{
        Receiver *receiver = userdata;
        _cleanup_(error_done) Error error = { 0 };
        char problem[PROGRAM_PROBLEM_SIZE], said[SAID_MAX + 1];
        size_t size = 0;

        receiver->run = NULL;
        if (program_problem(end, receiver->spec->timeout, problem) == 0) {
                receiver->done(receiver, NULL);
                return;
        }
        for (; size < MIN(end->output_size, (size_t)SAID_MAX); size++)
                said[size] = (char)(end->output[size] >= 0x20 && end->output[size] < 0x7f
                                            ? end->output[size]
                                            : ' ');
        said[size] = '\0';
        (void)error_set(&error, ERROR_UNREACHABLE, -EPROTO, "%s %s%s%s",
                        receiver->spec->sendmail.items[0], problem, size > 0 ? ": " : "", said);
        receiver->done(receiver, &error);
}

static int start_mail(Receiver *receiver, const Sending *sending, Error *err)
{
        const ReceiverSpec *spec = receiver->spec;
        size_t n = 0;
        const char **arguments = arena_alloc(sending->arena, (spec->sendmail.n + spec->to.n + 4) *
                                                                     sizeof(*arguments));
        _cleanup_(close_fd) int input =
                program_input_of(sending->body.data, sending->body.size, err);
        const ProcessPlan process = {
                .arguments = arguments, .input = input, .output = -1, .error = -1
        };
        const ProgramPlan plan = { .process = &process,
                                   .timeout = spec->timeout,
                                   .output_max = SAID_MAX,
                                   .owner = spec->name,
                                   .key = "",
                                   .done = on_mailed,
                                   .userdata = receiver };

        if (input < 0)
                return input;
        if (!arguments)
                return error_oom(err);
        for (size_t i = 0; i < spec->sendmail.n; i++)
                arguments[n++] = spec->sendmail.items[i];
        if (spec->from) {
                arguments[n++] = "-f";
                arguments[n++] = spec->from;
        }
        arguments[n++] = "--";
        for (size_t i = 0; i < spec->to.n; i++)
                arguments[n++] = spec->to.items[i];
        arguments[n] = NULL;
        return program_run_start(&receiver->pump->programs, &plan, &receiver->run, err);
}

/* --- both ------------------------------------------------------------------------------------- */

bool receiver_is_sending(const Receiver *receiver)
{
        return receiver->call || receiver->run;
}

void receiver_cancel(Receiver *receiver)
{
        receiver->call = http_call_cancel(receiver->call);
        receiver->run = program_run_leave(receiver->run);
}

/* Reads the secrets for each request, so that a changed secret applies without a restart. */
int receiver_send(Receiver *receiver, const EventList *events, Arena *arena, ReceiverDone done,
                  Error *err)
{
        const ReceiverSpec *spec = receiver->spec;
        _cleanup_(sending_done)
                Sending sending = { .spec = spec, .events = *events, .arena = arena };
        int r;

        buffer_init(&sending.body, SEND_MAX);
        receiver->done = done;
        r = read_secrets(receiver, &sending.secrets, err);
        if (r < 0)
                return r;
        sending.url = sending.secrets.url ? sending.secrets.url : spec->url;
        if (spec->format == RECEIVER_MAIL)
                mail_write(spec, events, &sending.body);
        else
                r = formats[spec->format].write(&sending, err);
        if (r < 0)
                return r;
        if (sending.body.failed)
                return error_oom(err);
        return spec->format == RECEIVER_MAIL ? start_mail(receiver, &sending, err)
                                             : start_request(receiver, &sending, err);
}
