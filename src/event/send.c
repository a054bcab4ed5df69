/* Sends one request to a receiver. */

#include <errno.h>

#include "base/limits.h"
#include "base/secret.h"
#include "event/internal.h"
#include "model/schema/encode.h"

#define SEND_MAX   ((size_t)16 * 1024 * 1024)
#define ANSWER_MAX ((size_t)64 * 1024)

static void write_cloudevents(const Receiver *receiver, const ParsedEvent *parsed, size_t n,
                              Buffer *out)
{
        if (receiver->spec->batch == 0) {
                cloudevent_write(&parsed[0], out);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                (void)buffer_putc(out, i == 0 ? '[' : ',');
                cloudevent_write(&parsed[i], out);
        }
        (void)buffer_putc(out, ']');
}

static void write_lines(const ParsedEvent *parsed, size_t n, Buffer *out)
{
        for (size_t i = 0; i < n; i++) {
                (void)(i > 0 ? buffer_putc(out, '\n') : 0);
                message_write(&parsed[i], out);
        }
}

/* Writes a message for Slack, which requires escapes for "&", "<" and ">"
 * (https://api.slack.com/messaging/webhooks). */
static int write_slack(const ParsedEvent *parsed, size_t n, Buffer *out)
{
        _cleanup_(buffer_done) Buffer lines, text;

        buffer_init(&lines, SEND_MAX);
        buffer_init(&text, SEND_MAX);
        write_lines(parsed, n, &lines);
        for (const char *p = lines.data; *p; p++)
                (void)(*p == '&'   ? buffer_puts(&text, "&amp;")
                       : *p == '<' ? buffer_puts(&text, "&lt;")
                       : *p == '>' ? buffer_puts(&text, "&gt;")
                                   : buffer_putc(&text, *p));
        (void)buffer_puts(out, "{\"text\":");
        (void)encode_string(text.data, out);
        return buffer_putc(out, '}');
}

/* Adds the headers for title, priority and tags (https://docs.ntfy.sh/publish/). */
static void add_ntfy_headers(const ParsedEvent *parsed, size_t n, Arena *arena,
                             EventHeaders *headers)
{
        bool urgent = false;

        for (size_t i = 0; i < n; i++)
                urgent = urgent || message_is_urgent(parsed[i].event->type);
        headers->lines[headers->n++] =
                n == 1 ? arena_printf(arena, "Title: relman: %s",
                                      event_type_to_string(parsed[0].event->type))
                       : arena_printf(arena, "Title: relman: %zu events", n);
        headers->lines[headers->n++] = urgent ? "Priority: high" : "Priority: default";
        headers->lines[headers->n++] = urgent ? "Tags: warning" : "Tags: package";
}

static int read_secret(const Receiver *receiver, const char *file, const char *credential,
                       char **ret, Error *err)
{
        return secret_read(&(SecretPlace){ .file = file,
                                           .credential = credential,
                                           .folder = receiver->pump->options.credentials },
                           ret, err);
}

typedef struct Secrets {
        char *url, *secret, *token;
} Secrets;

static void secrets_done(Secrets *secrets)
{
        secret_forget(&secrets->url);
        secret_forget(&secrets->secret);
        secret_forget(&secrets->token);
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

/* Reads the secrets for each request, so that a changed secret applies without a restart. */
int receiver_send(Receiver *receiver, const ParsedEvent *parsed, size_t n, Arena *arena,
                  HttpDone done, Error *err)
{
        static const char *const types[RECEIVER_FORMAT_MAX_] = {
                [RECEIVER_CLOUDEVENTS] = "application/cloudevents+json; charset=utf-8",
                [RECEIVER_SLACK] = "application/json",
                [RECEIVER_NTFY] = "text/plain; charset=utf-8",
        };
        const ReceiverSpec *spec = receiver->spec;
        _cleanup_(secrets_done) Secrets secrets = { 0 };
        _cleanup_(buffer_done) Buffer body;
        EventHeaders headers = { 0 };
        HttpRequest request = { .method = HTTP_POST,
                                .content_type = types[spec->format],
                                .headers = headers.lines,
                                .body_max = ANSWER_MAX };
        int r;

        buffer_init(&body, SEND_MAX);
        r = read_secrets(receiver, &secrets, err);
        if (r < 0)
                return r;
        if (spec->format == RECEIVER_CLOUDEVENTS)
                write_cloudevents(receiver, parsed, n, &body);
        else if (spec->format == RECEIVER_SLACK)
                (void)write_slack(parsed, n, &body); /* ignored: body.failed is checked below */
        else {
                write_lines(parsed, n, &body);
                add_ntfy_headers(parsed, n, arena, &headers);
        }
        if (spec->format == RECEIVER_CLOUDEVENTS && spec->batch > 0)
                request.content_type = "application/cloudevents-batch+json; charset=utf-8";
        if (body.failed)
                return error_oom(err);
        if (secrets.secret) {
                r = event_sign(secrets.secret, &body, time_wall(), arena, &headers, err);
                if (r < 0)
                        return r;
        }
        request.authorization =
                secrets.token ? arena_printf(arena, "Bearer %s", secrets.token) : NULL;
        request.url = secrets.url ? secrets.url : spec->url;
        request.body = body.data;
        return http_start(receiver->pool, &request, done, receiver, &receiver->call, err);
}
