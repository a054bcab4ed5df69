#include "model/schema/json-writer.h"

#include "model/schema/encode.h"

static void begin_value(Json *json, const char *name)
{
        if (name)
                (void)encode_name(name, json->comma, json->out);
        else if (json->comma)
                (void)buffer_putc(json->out, ',');
        json->comma = true;
}

void json_begin(Json *json, const char *name, char open)
{
        begin_value(json, name);
        (void)buffer_putc(json->out, open);
        json->comma = false;
}

void json_end(Json *json, char close)
{
        (void)buffer_putc(json->out, close);
        json->comma = true;
}

void json_text(Json *json, const char *name, const char *value)
{
        begin_value(json, name);
        if (value)
                (void)encode_string(value, json->out);
        else
                (void)buffer_puts(json->out, "null");
}

void json_some(Json *json, const char *name, const char *value)
{
        if (value)
                json_text(json, name, value);
}

void json_int(Json *json, const char *name, int64_t value)
{
        begin_value(json, name);
        (void)buffer_printf(json->out, "%lld", (long long)value);
}

void json_bool(Json *json, const char *name, bool value)
{
        json_raw(json, name, value ? "true" : "false");
}

void json_time(Json *json, const char *name, usec_t wall)
{
        char text[TIME_TEXT_SIZE];

        json_text(json, name, wall > 0 ? time_format(wall, text) : NULL);
}

void json_pairs(Json *json, const char *name, const Pairs *pairs)
{
        json_begin(json, name, '{');
        for (size_t i = 0; i < pairs->n; i++)
                json_text(json, pairs->items[i].key, pairs->items[i].value);
        json_end(json, '}');
}

void json_raw(Json *json, const char *name, const char *text)
{
        begin_value(json, name);
        (void)buffer_puts(json->out, text);
}

void json_texts(Json *json, const char *name, const Strings *strings)
{
        json_begin(json, name, '[');
        for (size_t i = 0; i < strings->n; i++)
                json_text(json, NULL, strings->items[i]);
        json_end(json, ']');
}
