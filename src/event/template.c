/* Writes the body of a request from the template of its receiver. */

#include <stdio.h>

#include "base/time.h"
#include "event/internal.h"
#include "model/schema/event-body.h"

#define TEMPLATE_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define MESSAGE_MAX        ((size_t)16 * 1024 * 1024)

typedef struct Values {
        const ParsedEvent *parsed;
        const char *token;
        Buffer message;
        char number[24], at[TIME_TEXT_SIZE];
} Values;

static const char *text_of(const char *name, void *userdata)
{
        Values *values = userdata;
        const Event *event = values->parsed->event;

        if (strncmp(name, "data.", 5) == 0)
                return parsed_event_text(values->parsed, name + 5);
        if (streq(name, "text"))
                return values->message.data;
        if (streq(name, "type"))
                return event_type_to_string(event->type);
        if (streq(name, "severity"))
                return message_severity(event->type);
        if (streq(name, "id"))
                return event->id.text;
        if (streq(name, "sequence"))
                return values->number;
        if (streq(name, "time"))
                return values->at;
        if (streq(name, "tenant"))
                return event->tenant;
        if (streq(name, "kind"))
                return object_kind_to_string(event->kind);
        if (streq(name, "object"))
                return event->object_name;
        return values->token ? values->token : "";
}

static void write_object(const char *name, Buffer *out, void *userdata)
{
        const Values *values = userdata;

        if (streq(name, "event"))
                cloudevent_write(values->parsed, out);
        else
                cloudevent_write_data(values->parsed, out);
}

bool template_has_token(const ReceiverSpec *spec)
{
        return strstr(spec->body, "${token}") != NULL;
}

int template_write(const ReceiverSpec *spec, const ParsedEvent *parsed, const char *token,
                   Buffer *out, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Values values = { .parsed = parsed, .token = token };
        const EventBodyValues given = { .text = text_of,
                                        .object = write_object,
                                        .userdata = &values };
        Node *template;
        int r;

        arena_init(&arena, TEMPLATE_ARENA_MAX);
        r = event_body_parse(spec->body, &arena, &template, err);
        if (r < 0)
                return r;
        buffer_init(&values.message, MESSAGE_MAX);
        message_write(parsed, &values.message);
        (void)snprintf(values.number, sizeof(values.number), "%lld",
                       (long long)parsed->event->sequence);
        (void)time_format(parsed->event->at, values.at);
        event_body_write(template, &given, out);
        buffer_done(&values.message);
        return 0;
}
