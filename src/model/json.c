#include "model/json.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/limits.h"

/* Refuses NUL and deep nesting before cJSON reads the bytes: cJSON recurses, and ends a text at
 * NUL. */
int json_prescan(const char *text, size_t size, Error *err)
{
        unsigned depth = 0;
        bool in_string = false;

        for (size_t i = 0; i < size; i++) {
                char c = text[i];

                if (c == '\0')
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "NUL byte in JSON at byte %zu", i);
                if (in_string) {
                        if (c == '\\') {
                                if (size - i > 5 && strncmp(text + i, "\\u0000", 6) == 0)
                                        return error_set(err, ERROR_INVALID, -EINVAL,
                                                         "NUL in JSON text at byte %zu", i);
                                i++;
                        } else if (c == '"')
                                in_string = false;
                } else if (c == '"')
                        in_string = true;
                else if (c == '[' || c == '{') {
                        if (++depth > JSON_DEPTH_MAX)
                                return error_set(err, ERROR_INVALID, -EINVAL,
                                                 "JSON nested deeper than %d at byte %zu",
                                                 JSON_DEPTH_MAX, i);
                } else if ((c == ']' || c == '}') && depth > 0)
                        depth--;
        }
        return 0;
}

int json_parse(const char *text, size_t size, cJSON **ret, const char **ret_end, Error *err)
{
        const char *end = NULL;

        errno = 0; /* cJSON does not report why it failed */
        *ret = cJSON_ParseWithLengthOpts(text, size, &end, false);
        if (!*ret && errno == ENOMEM)
                return error_oom(err);
        if (ret_end)
                *ret_end = end;
        return 0;
}

static Node *node_new(Arena *arena, NodeType type)
{
        Node *node = arena_alloc(arena, sizeof(*node));

        if (node)
                node->type = type;
        return node;
}

/* Makes a scalar. The text must live in the arena, or be static. */
static Node *scalar(Arena *arena, ScalarStyle style, const char *text)
{
        Node *node = node_new(arena, NODE_SCALAR);

        if (!node || !text)
                return NULL;
        node->style = style;
        node->text = text;
        return node;
}

/* The texts of numbers, which cJSON does not keep: 1.10 must not become 1.1. convert() visits
 * numbers in the order of the text, so one scan of the text is enough. */
typedef struct Numbers {
        const char *at, *end;
} Numbers;

static const char *skip_string(const char *p, const char *end)
{
        for (p++; p < end && *p != '"'; p++)
                if (*p == '\\')
                        p++;
        return p + 1;
}

static Node *next_number(Numbers *numbers, Arena *arena)
{
        const char *p = numbers->at;
        size_t size;

        while (p < numbers->end && *p != '-' && (*p < '0' || *p > '9'))
                p = *p == '"' ? skip_string(p, numbers->end) : p + 1;
        for (size = 0; p + size < numbers->end && strchr("+-.0123456789Ee", p[size]);)
                size++;
        numbers->at = p + size;
        return scalar(arena, SCALAR_LITERAL, arena_strndup(arena, p, size));
}

static int convert(const cJSON *item, Numbers *numbers, Arena *arena, Node **ret, Error *err);

static int convert_array(const cJSON *array, Numbers *numbers, Arena *arena, Node **ret, Error *err)
{
        Node *node = node_new(arena, NODE_SEQUENCE);
        const cJSON *item;
        int r;

        if (!node)
                return error_oom(err);
        node->items = arena_alloc_array(arena, (size_t)cJSON_GetArraySize(array), sizeof(Node *));
        if (!node->items)
                return error_oom(err);
        cJSON_ArrayForEach(item, array)
        {
                r = convert(item, numbers, arena, &node->items[node->n++], err);
                if (r < 0)
                        return r;
        }
        *ret = node;
        return 0;
}

static int check_keys(const Node *node, Error *err)
{
        _cleanup_(node_keys_done) NodeKeys keys = { 0 };
        const NodeEntry *repeated;

        if (node_keys_init(&keys, node) < 0)
                return error_oom(err);
        repeated = node_keys_repeated(&keys);
        return repeated ? error_set(err, ERROR_INVALID, -EINVAL, "repeated key \"%s\" in JSON",
                                    repeated->key)
                        : 0;
}

static int convert_object(const cJSON *object, Numbers *numbers, Arena *arena, Node **ret,
                          Error *err)
{
        Node *node = node_new(arena, NODE_MAPPING);
        const cJSON *item;
        int r;

        if (!node)
                return error_oom(err);
        node->entries =
                arena_alloc_array(arena, (size_t)cJSON_GetArraySize(object), sizeof(NodeEntry));
        if (!node->entries)
                return error_oom(err);
        cJSON_ArrayForEach(item, object)
        {
                NodeEntry *entry = &node->entries[node->n];

                entry->key = arena_strdup(arena, item->string);
                if (!entry->key)
                        return error_oom(err);
                r = convert(item, numbers, arena, &entry->value, err);
                if (r < 0)
                        return r;
                node->n++;
        }
        *ret = node;
        return node->n > 1 ? check_keys(node, err) : 0;
}

/* Recursion is bounded by JSON_DEPTH_MAX. */
static int convert(const cJSON *item, Numbers *numbers, Arena *arena, Node **ret, Error *err)
{
        if (cJSON_IsArray(item))
                return convert_array(item, numbers, arena, ret, err);
        if (cJSON_IsObject(item))
                return convert_object(item, numbers, arena, ret, err);
        if (cJSON_IsString(item))
                *ret = scalar(arena, SCALAR_QUOTED, arena_strdup(arena, item->valuestring));
        else if (cJSON_IsBool(item))
                *ret = scalar(arena, SCALAR_LITERAL, cJSON_IsTrue(item) ? "true" : "false");
        else if (cJSON_IsNumber(item))
                *ret = next_number(numbers, arena);
        else
                *ret = node_new(arena, NODE_NULL);
        return *ret ? 0 : error_oom(err);
}

void json_free(cJSON **json)
{
        cJSON_Delete(*json);
}

const char *json_member_text(const cJSON *object, const char *name)
{
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

        return cJSON_IsString(member) && member->valuestring[0] ? member->valuestring : NULL;
}

int json_to_node(const char *text, size_t size, Arena *arena, Node **ret, Error *err)
{
        _cleanup_(json_free) cJSON *json = NULL;
        const char *end = NULL;
        int r;

        r = json_prescan(text, size, err);
        if (r < 0)
                return r;
        r = json_parse(text, size, &json, &end, err);
        if (r < 0)
                return r;
        if (!json)
                return error_set(err, ERROR_INVALID, -EINVAL, "not valid JSON at byte %zu",
                                 end ? (size_t)(end - text) : 0);
        while (end < text + size && strchr(" \t\r\n", *end))
                end++;
        if (end < text + size)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "more after the JSON value at byte %zu", (size_t)(end - text));
        return convert(json, &(Numbers){ text, text + size }, arena, ret, err);
}
