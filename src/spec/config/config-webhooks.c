#include "spec/config/config-webhooks.h"

#include <errno.h>

#include "model/event.h"
#include "model/schema/event-body.h"

#define BODY_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define ADDRESS_MAX    254 /* RFC 5321, 4.5.3.1.3 */
#define GITHUB_PATH    "/artifacts/metadata/deployment-record/cluster/"

/* clang-format off */
static const Field webhook_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(ReceiverSpec, name), .required = true,
          .doc = "Its name in messages and for relmanctl events replay. The delivery position belongs to this name." },
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(ReceiverSpec, url),
          .doc = "The URL that events are sent to by POST. Exactly one of url, urlFile and urlCredential is required, but none with format: mail." },
        { .name = "urlFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(ReceiverSpec, url_file),
          .doc = "A file with the URL if it is a secret, as in Slack." },
        { .name = "urlCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(ReceiverSpec, url_credential),
          .doc = "The same from a systemd credential (LoadCredential= in the unit)." },
        { .name = "format", .type = FIELD_ENUM, .offset = offsetof(ReceiverSpec, format), .names = receiver_format_names, .default_value = "cloudevents",
          .doc = "cloudevents: CloudEvents 1.0 in JSON. slack: a message for Slack and compatible services (Mattermost, Rocket.Chat). teams: an Adaptive Card for Microsoft Teams. ntfy: a message for ntfy. json: the template body, for Discord, Google Chat, Gotify, PagerDuty, Opsgenie and others. mail: mail by sendmail(1). github-deployment: deployment records of GitHub's artifact metadata." },
        { .name = "body", .type = FIELD_STRING, .offset = offsetof(ReceiverSpec, body),
          .doc = "The body of a request with format: json, as JSON. In its texts ${NAME} is a field of the event: text (the message that chat services get), type, severity (error, warning or info), id, sequence, time, tenant, kind, object, token (the secret of tokenFile or tokenCredential; then no header has it) and data.KEY for each key in the data of events (events.md). ${NAME:MAX} is at most MAX bytes. A text that is only ${event} or ${data} becomes the event in CloudEvents 1.0, or its data." },
        { .name = "to", .type = FIELD_STRINGS, .format = FORMAT_ARGUMENT, .offset = offsetof(ReceiverSpec, to),
          .doc = "The addresses that get the mail, with format: mail." },
        { .name = "from", .type = FIELD_STRING, .offset = offsetof(ReceiverSpec, from),
          .doc = "The address that sends the mail. Default: sendmail decides." },
        { .name = "sendmail", .type = FIELD_STRINGS, .format = FORMAT_ARGUMENT, .offset = offsetof(ReceiverSpec, sendmail),
          .doc = "The program that takes the mail on its standard input, and its first arguments; relmand adds -f FROM, -- and the addresses. Default: /usr/sbin/sendmail -i." },
        { .name = "secretFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(ReceiverSpec, secret_file),
          .doc = "File with the key of Relman-Signature: HMAC-SHA-256 over the Relman-Timestamp header, a dot and the body." },
        { .name = "secretCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(ReceiverSpec, secret_credential),
          .doc = "The same from a systemd credential." },
        { .name = "tokenFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(ReceiverSpec, token_file),
          .doc = "A file with a token for the Authorization header of the request." },
        { .name = "tokenCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(ReceiverSpec, token_credential),
          .doc = "The same from a systemd credential." },
        { .name = "tokenScheme", .type = FIELD_STRING, .offset = offsetof(ReceiverSpec, token_scheme), .default_value = "Bearer",
          .doc = "The word before the token in that header, such as GenieKey for Opsgenie." },
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(ReceiverSpec, ca_file),
          .doc = "A PEM file with trusted authorities, instead of the system's." },
        { .name = "types", .type = FIELD_STRINGS, .offset = offsetof(ReceiverSpec, types),
          .doc = "The types of events that are sent, such as tag.moved or release.*. Default: all; with format: github-deployment, release.deployed, which is the only one there." },
        { .name = "labels", .type = FIELD_PAIRS, .offset = offsetof(ReceiverSpec, labels),
          .doc = "Only events of objects that have all of these labels." },
        { .name = "environments", .type = FIELD_STRINGS, .format = FORMAT_NAME, .offset = offsetof(ReceiverSpec, environments),
          .doc = "Only events about these environments, by name. Default: all events, also those about no environment." },
        { .name = "tenant", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(ReceiverSpec, tenant),
          .doc = "Only events of this tenant." },
        { .name = "threshold", .type = FIELD_ENUM, .offset = offsetof(ReceiverSpec, threshold), .names = event_threshold_names, .default_value = "digest",
          .doc = "The smallest version change that is delivered: digest (any), patch, minor or major. Other events are always delivered." },
        { .name = "firstSync", .type = FIELD_BOOL, .offset = offsetof(ReceiverSpec, first_sync), .default_value = "false",
          .doc = "Also deliver the versions that the first sync of a component finds." },
        { .name = "batch", .type = FIELD_DURATION, .offset = offsetof(ReceiverSpec, batch), .default_value = "0s",
          .doc = "How long events are collected, at most a hundred, to be sent in one request. 0s: each alone, at once." },
        { .name = "timeout", .type = FIELD_DURATION, .offset = offsetof(ReceiverSpec, timeout), .positive = true, .default_value = "10s",
          .doc = "How long a request may take." },
        { .name = "retryInterval", .type = FIELD_DURATION, .offset = offsetof(ReceiverSpec, retry_interval), .positive = true, .default_value = "5m",
          .doc = "The longest pause between two attempts; the first is a second, and each is twice the one before." },
        { .name = "giveUpAfter", .type = FIELD_DURATION, .offset = offsetof(ReceiverSpec, give_up_after), .positive = true, .default_value = "24h",
          .doc = "An event that was not accepted for so long becomes a dead letter, and the next is sent." },
        { 0 },
};
const Schema config_webhook_schema = {
        .name = "webhooks", .fields = webhook_fields, .size = sizeof(ReceiverSpec), .has_place = true,
        .doc = "A receiver that gets events, at least once and in order.",
};
/* clang-format on */

static bool is_type(const char *pattern)
{
        for (EventType type = 0; type < EVENT_TYPE_MAX_; type++)
                if (event_type_matches(event_type_to_string(type), pattern))
                        return true;
        return false;
}

static void no_such_type(const ReceiverSpec *receiver, const char *type, DiagList *diags)
{
        const char *nearest = event_type_nearest(type);

        diag_error(diags, receiver->place, "webhook '%s': no event has the type \"%s\"%s%s%s",
                   receiver->name, type, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                   nearest ? "\"?" : "");
}

static int refuse(const ReceiverSpec *receiver, DiagList *diags, const char *what)
{
        diag_error(diags, receiver->place, "webhook '%s': %s", receiver->name, what);
        return -EINVAL;
}

static int check_urls(const ReceiverSpec *receiver, DiagList *diags)
{
        int n = !!receiver->url + !!receiver->url_file + !!receiver->url_credential;

        if (receiver->format == RECEIVER_MAIL)
                return n == 0 ? 0
                              : refuse(receiver, diags,
                                       "format: mail has addresses in \"to\", and no URL");
        if (n != 1)
                return refuse(receiver, diags,
                              "exactly one of url, urlFile and urlCredential must be given");
        return 0;
}

static int check_types(const ReceiverSpec *receiver, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < receiver->types.n; i++)
                if (!is_type(receiver->types.items[i])) {
                        no_such_type(receiver, receiver->types.items[i], diags);
                        r = -EINVAL;
                }
        return r;
}

/* --- formats ---------------------------------------------------------------------------------- */

static int check_body(const ReceiverSpec *receiver, DiagList *diags)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        Node *template;
        int r;

        if (receiver->format != RECEIVER_JSON)
                return receiver->body ? refuse(receiver, diags, "body goes with format: json") : 0;
        if (!receiver->body)
                return refuse(receiver, diags, "format: json needs a body");
        if (receiver->batch > 0)
                return refuse(receiver, diags,
                              "format: json has one event in each request, so it "
                              "takes no batch");
        arena_init(&arena, BODY_ARENA_MAX);
        r = event_body_parse(receiver->body, &arena, &template, &error);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diag_error(diags, receiver->place, "webhook '%s': field \"body\": %s",
                           receiver->name, error_message(&error));
                return -EINVAL;
        }
        if (strstr(receiver->body, "${token}") && !receiver->token_file &&
            !receiver->token_credential)
                return refuse(receiver, diags,
                              "field \"body\": ${token} needs tokenFile or "
                              "tokenCredential");
        return 0;
}

/* True for a bare address, without a name, that no program takes for an option. */
static bool is_address(const char *text)
{
        size_t size = strlen(text);

        if (size == 0 || size > ADDRESS_MAX || text[0] == '-')
                return false;
        for (; *text; text++)
                if (*text <= ' ' || *text > '~' || strchr("<>(),;:\"\\[]", *text))
                        return false;
        return true;
}

static int refuse_address(const ReceiverSpec *receiver, DiagList *diags, const char *field,
                          const char *text)
{
        diag_error(diags, receiver->place,
                   "webhook '%s': field \"%s\": \"%s\" is not an address such as "
                   "ops@example.com, without a name",
                   receiver->name, field, text);
        return -EINVAL;
}

static int check_mail(ReceiverSpec *receiver, DiagList *diags)
{
        static const char *sendmail[] = { "/usr/sbin/sendmail", "-i" };

        if (receiver->format != RECEIVER_MAIL) {
                if (receiver->to.n > 0 || receiver->from || receiver->sendmail.n > 0)
                        return refuse(receiver, diags,
                                      "to, from and sendmail go with format: mail");
                return 0;
        }
        if (receiver->to.n == 0)
                return refuse(receiver, diags, "format: mail needs addresses in \"to\"");
        for (size_t i = 0; i < receiver->to.n; i++)
                if (!is_address(receiver->to.items[i]))
                        return refuse_address(receiver, diags, "to", receiver->to.items[i]);
        if (receiver->from && !is_address(receiver->from))
                return refuse_address(receiver, diags, "from", receiver->from);
        if (receiver->sendmail.n == 0)
                receiver->sendmail = (Strings){ .items = sendmail, .n = ARRAY_SIZE(sendmail) };
        if (receiver->sendmail.items[0][0] != '/')
                return refuse(receiver, diags, "field \"sendmail\": not an absolute path");
        return 0;
}

static int check_deployment(ReceiverSpec *receiver, DiagList *diags)
{
        static const char *types[] = { "release.deployed" };

        if (receiver->format != RECEIVER_GITHUB_DEPLOYMENT)
                return 0;
        if (receiver->types.n == 0)
                receiver->types = (Strings){ .items = types, .n = ARRAY_SIZE(types) };
        if (receiver->types.n != 1 || !streq(receiver->types.items[0], types[0]))
                return refuse(receiver, diags,
                              "format: github-deployment takes the type "
                              "release.deployed only");
        if (receiver->batch > 0)
                return refuse(receiver, diags, "format: github-deployment takes no batch");
        if (receiver->url && !strstr(receiver->url, GITHUB_PATH))
                return refuse(receiver, diags,
                              "format: github-deployment needs the URL https://api.github.com/orgs/"
                              "ORGANIZATION" GITHUB_PATH "CLUSTER");
        return 0;
}

static int check_scheme(const ReceiverSpec *receiver, DiagList *diags)
{
        const char *text = receiver->token_scheme;
        size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-_");

        return size > 0 && !text[size]
                       ? 0
                       : refuse(receiver, diags, "field \"tokenScheme\": not one word");
}

static int check_receiver(const ReceiverSpecs *receivers, ReceiverSpec *receiver, DiagList *diags)
{
        static int (*const checks[])(ReceiverSpec * receiver,
                                     DiagList * diags) = { check_mail, check_deployment };
        static int (*const const_checks[])(const ReceiverSpec *receiver,
                                           DiagList *diags) = { check_urls, check_types, check_body,
                                                                check_scheme };
        int worst = 0, r;

        for (const ReceiverSpec *other = receivers->items; other < receiver; other++)
                if (streq(other->name, receiver->name)) {
                        diag_error(diags, receiver->place,
                                   "there is a webhook '%s' already, at line %u", receiver->name,
                                   other->place.line);
                        worst = -EINVAL;
                }
        if (streq(receiver->name, "journal"))
                worst = refuse(receiver, diags, "the name means the journal itself");
        for (size_t i = 0; i < ARRAY_SIZE(const_checks); i++) {
                r = const_checks[i](receiver, diags);
                worst = MIN(worst, r);
        }
        for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
                r = checks[i](receiver, diags);
                worst = MIN(worst, r);
        }
        return worst;
}

int config_check_webhooks(ReceiverSpecs *receivers, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < receivers->n; i++) {
                int r = check_receiver(receivers, &receivers->items[i], diags);

                worst = MIN(worst, r);
        }
        return worst;
}
