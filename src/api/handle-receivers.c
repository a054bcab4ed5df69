/* /api/v1/receivers: receivers of events, their progress, and dead letters. relmand.yaml declares
 * the receivers. A token of one tenant sees only receivers that belong to that tenant. */

#include <errno.h>

#include "api/entity.h"
#include "base/parse.h"
#include "reconcile/command.h"
#include "store/events.h"

#define DEAD_LETTERS_MAX 100

bool receiver_is_visible(const Request *request, const ReceiverSpec *spec)
{
        return !request->tenant || (spec->tenant && streq(spec->tenant, request->tenant));
}

/* Finds a receiver that the caller may see. Returns 1, or ERROR_NOT_FOUND. */
static int receiver_find(Request *request, const char *name, ReceiverStatus *ret, Error *err)
{
        Reconciler *reconciler = request->api->reconciler;

        for (size_t i = 0; i < command_receivers(reconciler); i++) {
                int r = command_receiver(reconciler, i, &request->arena, ret, err);

                if (r < 0)
                        return r;
                if (streq(ret->spec->name, name) && receiver_is_visible(request, ret->spec))
                        return 1;
        }
        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                         "there is no receiver '%s' in events.webhooks of relmand.yaml", name);
}

static void write_condition(Json *json, const char *type, bool status, const char *reason,
                            const char *message, usec_t since)
{
        json_begin(json, NULL, '{');
        json_text(json, "type", type);
        json_text(json, "status", status ? "True" : "False");
        json_text(json, "reason", reason);
        json_text(json, "message", message);
        json_time(json, "since", since);
        json_end(json, '}');
}

static void write_conditions(Request *request, Json *json, const ReceiverStatus *status)
{
        const ReceiverState *state = &status->state;
        usec_t started = request->api->started_at;

        json_begin(json, "conditions", '[');
        if (state->failing_since > 0)
                write_condition(json, "Ready", false, "NotDelivered",
                                state->problem ? state->problem : "", state->failing_since);
        else
                write_condition(json, "Ready", true, "Delivering", "",
                                state->delivered_at > 0 ? state->delivered_at : started);
        if (state->n_dead > 0) {
                const char *message =
                        arena_printf(&request->arena,
                                     "%lld events were given up; see deadLetters, and "
                                     "relmanctl events replay to deliver them again",
                                     (long long)state->n_dead);

                write_condition(json, "Warning", true, "DeadLetters", message ? message : "",
                                state->failing_since > 0 ? state->failing_since : started);
        }
        json_end(json, ']');
}

static int write_dead_letters(Request *request, Json *json, const char *name, Error *err)
{
        DeadLetters letters;
        int r;

        r = store_dead_letters(reconciler_store(request->api->reconciler), name, DEAD_LETTERS_MAX,
                               &request->arena, &letters, err);
        if (r < 0)
                return r;
        json_begin(json, "deadLetters", '[');
        for (size_t i = 0; i < letters.n; i++) {
                json_begin(json, NULL, '{');
                json_int(json, "sequence", letters.items[i].sequence);
                json_text(json, "problem", letters.items[i].problem);
                json_time(json, "at", letters.items[i].at);
                json_end(json, '}');
        }
        json_end(json, ']');
        return 0;
}

/* Writes a receiver without its URL, which may be a secret. */
static int write_receiver(Request *request, Json *json, const ReceiverStatus *status, Error *err)
{
        const ReceiverSpec *spec = status->spec;
        int r;

        json_begin(json, NULL, '{');
        json_text(json, "name", spec->name);
        json_text(json, "format", receiver_format_names[spec->format]);
        json_text(json, "tenant", spec->tenant);
        json_texts(json, "types", &spec->types);
        json_pairs(json, "labels", &spec->labels);
        json_texts(json, "environments", &spec->environments);
        json_text(json, "threshold", event_threshold_names[spec->threshold]);
        json_int(json, "position", status->state.position);
        json_int(json, "pending", status->state.n_pending);
        json_int(json, "nDeadLetters", status->state.n_dead);
        json_int(json, "delivered", (int64_t)status->n_delivered);
        json_int(json, "failed", (int64_t)status->n_failed);
        json_time(json, "deliveredAt", status->state.delivered_at);
        json_time(json, "retryAt", status->retry_in > 0 ? time_wall() + status->retry_in : 0);
        write_conditions(request, json, status);
        r = write_dead_letters(request, json, spec->name, err);
        json_end(json, '}');
        return r;
}

int handle_receivers(Request *request, Error *err)
{
        Reconciler *reconciler = request->api->reconciler;
        Json json = { .out = &request->answer.body };
        int r = 0;

        json_begin(&json, NULL, '[');
        for (size_t i = 0; r >= 0 && i < command_receivers(reconciler); i++) {
                ReceiverStatus status;

                r = command_receiver(reconciler, i, &request->arena, &status, err);
                if (r >= 0 && receiver_is_visible(request, status.spec))
                        r = write_receiver(request, &json, &status, err);
        }
        json_end(&json, ']');
        return r;
}

int show_receiver(Request *request, const char *id, Error *err)
{
        Json json = { .out = &request->answer.body };
        ReceiverStatus status;
        int r = receiver_find(request, id, &status, err);

        return r < 0 ? r : write_receiver(request, &json, &status, err);
}

int handle_receiver(Request *request, Error *err)
{
        return show_receiver(request, request_parameter(request, "name"), err);
}

/* Delivers events to a receiver again. The body has either the member after, a sequence number, or
 * from, the id of an event. */
int handle_replay(Request *request, Error *err)
{
        static const char *const names[] = { "after", "from", NULL };
        const char *after = NULL, *from = NULL;
        ReceiverStatus status;
        ReplayCommand command;
        uint64_t sequence = 0;
        const Node *body;
        int r;

        r = receiver_find(request, request_parameter(request, "name"), &status, err);
        if (r >= 0)
                r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_text(request, body, "from", false, &from, err);
        if (r < 0)
                return r;
        if (node_get(body, "after") && node_get(body, "after")->type == NODE_SCALAR)
                after = node_get(body, "after")->text;
        if (!after == !from ||
            (after && (parse_uint64(after, &sequence) < 0 || sequence > INT64_MAX)))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "say after, a sequence from 0, or from, the id of an event");
        command = (ReplayCommand){ .receiver = status.spec->name,
                                   .after = (int64_t)sequence,
                                   .from = from };
        r = command_replay(request->api->reconciler, &command, &request->actor, err);
        return r < 0 ? r : request_show_stored(request, status.spec->name);
}
