#include "trust/proto-json.h"

#include <errno.h>

#include "base/escape.h"
#include "base/parse.h"
#include "registry/wire/json-keys.h"
#include "trust/base64.h"
#include "trust/json.h"

#define SHOWN_MAX 80

static int refuse(const ProtoMessage *message, const char *field, const char *why, Error *err)
{
        char shown[SHOWN_MAX];

        escape_text(field, strlen(field), shown, sizeof(shown));
        return error_set(err, ERROR_INVALID, -EINVAL, "field '%s' of the %s %s", shown,
                         message->name, why);
}

bool bytes_equal(Bytes a, Bytes b)
{
        return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* --- scalar values: these return 0, -EINVAL or -ENOMEM -----------------------------------------
 */

static int read_text(const cJSON *json, Arena *arena, const char **ret)
{
        if (!cJSON_IsString(json))
                return -EINVAL;
        *ret = arena_strdup(arena, json->valuestring);
        return *ret ? 0 : -ENOMEM;
}

static int read_bytes(const cJSON *json, Arena *arena, Bytes *ret)
{
        unsigned char *data;
        int r;

        if (!cJSON_IsString(json))
                return -EINVAL;
        r = base64_decode(json->valuestring, strlen(json->valuestring), arena, &data, &ret->size);
        if (r >= 0)
                ret->data = data;
        return r;
}

static int read_number(const cJSON *json, uint64_t *ret)
{
        int64_t number;

        if (cJSON_IsString(json))
                return parse_uint64(json->valuestring, ret) < 0 || *ret > INT64_MAX ? -EINVAL : 0;
        if (trust_integer(json, &number) < 0)
                return -EINVAL;
        *ret = (uint64_t)number;
        return 0;
}

static int read_time(const cJSON *json, usec_t *ret)
{
        return cJSON_IsString(json) ? time_parse(json->valuestring, ret) : -EINVAL;
}

/* --- messages --------------------------------------------------------------------------------- */

static int read_message(const cJSON *json, const ProtoMessage *message, Arena *arena, void *ret,
                        Error *err);

static int read_list(const cJSON *json, const ProtoField *field, Arena *arena, ProtoList *ret,
                     Error *err)
{
        const size_t size = field->message ? field->message->size : sizeof(Bytes);
        unsigned char *items;
        const cJSON *item;
        size_t n = 0;

        if (!cJSON_IsArray(json))
                return -EINVAL;
        n = (size_t)cJSON_GetArraySize(json);
        if (n > field->max)
                return -E2BIG;
        items = arena_alloc_array(arena, n, size);
        if (!items)
                return -ENOMEM;
        *ret = (ProtoList){ .items = items, .n = n };
        cJSON_ArrayForEach(item, json)
        {
                int r = field->message ? read_message(item, field->message, arena, items, err)
                                       : read_bytes(item, arena, (void *)items);

                if (r < 0)
                        return r;
                items += size;
        }
        return 0;
}

static int read_value(const cJSON *json, const ProtoField *field, Arena *arena, void *ret,
                      Error *err)
{
        switch (field->type) {
        case PROTO_TEXT: return read_text(json, arena, ret);
        case PROTO_BYTES: return read_bytes(json, arena, ret);
        case PROTO_NUMBER: return read_number(json, ret);
        case PROTO_TIME: return read_time(json, ret);
        case PROTO_MESSAGE: return read_message(json, field->message, arena, ret, err);
        case PROTO_LIST: return read_list(json, field, arena, ret, err);
        }
        return -EINVAL;
}

static int refuse_value(const ProtoMessage *message, const ProtoField *field, int r, Error *err)
{
        static const char *const wanted[] = {
                [PROTO_TEXT] = "is not text",         [PROTO_BYTES] = "is not base64",
                [PROTO_NUMBER] = "is not a number",   [PROTO_TIME] = "is not a time",
                [PROTO_MESSAGE] = "is not an object", [PROTO_LIST] = "is not a valid list",
        };

        if (err && err->kind != ERROR_NONE)
                return r; /* a message within this one was refused */
        if (r == -ENOMEM)
                return error_oom(err);
        if (r == -E2BIG)
                return refuse(message, field->name, "has too many items", err);
        return refuse(message, field->name, wanted[field->type], err);
}

static const ProtoField *find_field(const ProtoMessage *message, const char *name)
{
        for (size_t i = 0; i < message->n_fields; i++)
                if (streq(message->fields[i].name, name))
                        return &message->fields[i];
        return NULL;
}

static bool is_empty(const ProtoField *field, const void *value)
{
        switch (field->type) {
        case PROTO_TEXT: {
                const char *const *text = value;

                return !*text || !**text;
        }
        case PROTO_BYTES: return ((const Bytes *)value)->size == 0;
        case PROTO_NUMBER: return *(const uint64_t *)value == 0;
        case PROTO_TIME: return *(const usec_t *)value == 0;
        case PROTO_MESSAGE: return !*(const bool *)value;
        case PROTO_LIST: return ((const ProtoList *)value)->n == 0;
        }
        return true;
}

static int read_message(const cJSON *json, const ProtoMessage *message, Arena *arena, void *ret,
                        Error *err)
{
        unsigned char *base = ret;
        const cJSON *item;

        if (!cJSON_IsObject(json))
                return -EINVAL;
        *(bool *)ret = true;
        cJSON_ArrayForEach(item, json)
        {
                const ProtoField *field = find_field(message, item->string);
                int r;

                if (!field)
                        return refuse(message, item->string, "is not known", err);
                if (cJSON_IsNull(item))
                        continue;
                r = read_value(item, field, arena, base + field->offset, err);
                if (r < 0)
                        return refuse_value(message, field, r, err);
        }
        for (size_t i = 0; i < message->n_fields; i++)
                if (message->fields[i].is_required &&
                    is_empty(&message->fields[i], base + message->fields[i].offset))
                        return refuse(message, message->fields[i].name, "is missing or empty", err);
        return 0;
}

int proto_read(const char *text, size_t size, const ProtoMessage *message, Arena *arena, void *ret,
               Error *err)
{
        static const char *const none[] = { NULL };
        const JsonKeys keys = { .names = none, .complete = true, .exact = true };
        _cleanup_(error_done) Error error = { 0 };
        cJSON *json = NULL;
        int r = json_read(text, size, &keys, &json, err);

        if (r < 0)
                return r;
        r = json ? read_message(json, message, arena, ret, &error) : -EINVAL;
        cJSON_Delete(json);
        if (error.kind != ERROR_NONE)
                error_move(err, &error);
        else if (r == -ENOMEM)
                (void)error_oom(err); /* r is that code */
        else if (r < 0)
                (void)error_set(err, ERROR_INVALID, r, "the %s is not a JSON object",
                                message->name); /* r is that code */
        return r;
}
