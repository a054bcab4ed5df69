/* Reads a request: page, times and body. */

#include "api/http/parameters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/http/body.h"
#include "base/limits.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "model/json.h"

#define PAGE_SIZE_DEFAULT 50
#define PAGE_SIZE_MAX     500
#define JSON_NODE_SIZE    ((size_t)80)

static int bad_parameter(const char *name, const char *what, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "parameter %s: %s", name, what);
}

static int parameter_number(const Request *request, const char *name, int64_t fallback, int64_t max,
                            int64_t *ret, Error *err)
{
        const char *text = request_query(request, name);

        *ret = fallback;
        if (!text)
                return 0;
        if (parse_int64(text, ret) < 0 || *ret < 1 || *ret > max)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter %s: a number from 1 to %lld, not '%s'", name,
                                 (long long)max, text);
        return 0;
}

int request_page(const Request *request, Page *ret, int64_t *ret_page, Error *err)
{
        int r;

        r = parameter_number(request, "page", 1, 1000000, ret_page, err);
        if (r >= 0)
                r = parameter_number(request, "pageSize", PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX,
                                     &ret->limit, err);
        ret->offset = r < 0 ? 0 : (*ret_page - 1) * ret->limit;
        return r;
}

int request_time(const Request *request, const char *name, usec_t *ret, Error *err)
{
        const char *text = request_query(request, name);

        *ret = 0;
        if (!text || time_parse(text, ret) >= 0)
                return 0;
        return bad_parameter(name, "a time such as 2026-11-24T12:00:00Z", err);
}

int request_as_of(Request *request, Error *err)
{
        int r = request_time(request, "asOf", &request->as_of, err);

        return r >= 0 && request->as_of > time_wall()
                       ? bad_parameter("asOf", "a time in the past, not in the future", err)
                       : r;
}

static int unknown_parameter(const char *name, const char *const *known, size_t n, Error *err)
{
        _cleanup_(buffer_done) Buffer words;

        buffer_init(&words, 512);
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(&words, " %s", known[i]);
        return words.failed ? error_oom(err)
                            : error_set(err, ERROR_INVALID, -EINVAL,
                                        "unknown parameter '%s'; there are:%s", name, words.data);
}

int request_check_query(const Request *request, Error *err)
{
        const char *taken = request->route->query ? request->route->query : "";
        char words[256];
        const char *known[16] = { "tenant" }, *unknown, *nearest;
        size_t n = 1, size = MIN(strlen(taken), sizeof(words) - 1);

        memcpy(words, taken, size);
        words[size] = '\0';
        for (char *rest = NULL, *word = strtok_r(words, " !@", &rest);
             word && n < ARRAY_SIZE(known); word = strtok_r(NULL, " !@", &rest))
                known[n++] = word;
        unknown = request_query_unknown(request, known, n);
        if (!unknown)
                return 0;
        nearest = suggest_nearest(unknown, known, n);
        if (nearest)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "unknown parameter '%s'; did you mean '%s'?", unknown, nearest);
        return unknown_parameter(unknown, known, n, err);
}

/* --- bodies ----------------------------------------------------------------------------------- */

static bool is_known(const char *const *names, const char *key)
{
        for (size_t i = 0; names[i]; i++)
                if (streq(names[i], key))
                        return true;
        return false;
}

static int unknown_field(const char *const *names, const char *key, Error *err)
{
        const char *nearest;
        size_t n = 0;

        while (names[n])
                n++;
        nearest = suggest_nearest(key, names, n);
        return error_set(err, ERROR_INVALID, -EINVAL, "body: unknown field \"%s\"%s%s%s", key,
                         nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                         nearest ? "\"?" : "");
}

static int check_text(Request *request, const char *text, TextLines lines, const Node *at,
                      Error *err)
{
        TextFault fault;

        if (text_is_printable(text, strlen(text), lines, &fault))
                return 0;
        request->pointer = body_pointer(request->document, at->place.line, &request->arena);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "body: a text must not hold %s (%s), which it does at byte %zu",
                         fault.name, fault.why, fault.offset);
}

/* Checks all texts of a body, because they later reach lockfiles, events and terminals.
 * JSON_DEPTH_MAX bounds the recursion. */
static int check_texts(Request *request, const Node *node, TextLines lines, Error *err)
{
        int r = 0;

        if (node->type == NODE_SCALAR)
                return check_text(request, node->text, lines, node, err);
        for (size_t i = 0; i < node->n && r >= 0; i++) {
                if (node->type == NODE_MAPPING)
                        r = check_text(request, node->entries[i].key, TEXT_ONE_LINE, node, err);
                if (r >= 0)
                        r = check_texts(request,
                                        node->type == NODE_MAPPING ? node->entries[i].value
                                                                   : node->items[i],
                                        lines, err);
        }
        return r;
}

static int check_names(Request *request, const Node *node, const char *const *names, Error *err)
{
        for (size_t i = 0; names && i < node->n; i++)
                if (!is_known(names, node->entries[i].key)) {
                        request->pointer = body_pointer(node, node->entries[i].value->place.line,
                                                        &request->arena);
                        return unknown_field(names, node->entries[i].key, err);
                }
        return 0;
}

/* Estimates the memory that parsing needs besides the arena: a cJSON node for each value, and its
 * text. */
static size_t size_of_parsing(const char *json, size_t size)
{
        size_t n = 1;

        for (size_t i = 0; i < size; i++)
                n += json[i] == ',' || json[i] == ':' || json[i] == '[' || json[i] == '{';
        return n * JSON_NODE_SIZE + size;
}

int request_parse_in(Request *request, const char *json, size_t size, Arena *arena, Node **ret,
                     Error *err)
{
        size_t taken = size_of_parsing(json, size);
        int r;

        if (!quota_take(&request->memory, taken))
                return error_oom(err);
        r = json_to_node(json, size, arena, ret, err);
        quota_give(&request->memory, taken);
        if (r < 0)
                err->kind = err->kind == ERROR_INTERNAL ? ERROR_INTERNAL : ERROR_INVALID;
        return r;
}

int request_parse(Request *request, const char *json, size_t size, Node **ret, Error *err)
{
        return request_parse_in(request, json, size, &request->arena, ret, err);
}

int request_check_document(Request *request, const Node *node, const char *const *names,
                           TextLines lines, Error *err)
{
        int r = check_texts(request, node, lines, err);

        return r < 0 ? r : check_names(request, node, names, err);
}

int request_body(Request *request, const char *const *names, const Node **ret, Error *err)
{
        static const Node empty = { .type = NODE_MAPPING };
        Node *node;
        int r;

        *ret = &empty;
        if (request->body.size == 0)
                return 0;
        r = request_parse(request, request->body.data, request->body.size, &node, err);
        if (r < 0)
                return error_prefix(err, r, "body");
        if (node->type != NODE_MAPPING)
                return error_set(err, ERROR_INVALID, -EINVAL, "body: a JSON object is wanted");
        body_number(node);
        request->document = *ret = node;
        return request_check_document(request, node, names, TEXT_ONE_LINE, err);
}

int body_must_be_text(Request *request, const Node *value, const char *name, Error *err)
{
        request->pointer = body_pointer(request->document, value->place.line, &request->arena);
        return value->type == NODE_SCALAR
                       ? error_set(err, ERROR_INVALID, -EINVAL,
                                   "body: %s must be a string: write \"%s\"", name, value->text)
                       : error_set(err, ERROR_INVALID, -EINVAL, "body: %s must be a string", name);
}

int body_text(Request *request, const Node *body, const char *name, bool required, const char **ret,
              Error *err)
{
        const Node *value = node_get(body, name);

        *ret = NULL;
        if (node_is_text(value))
                *ret = value->text;
        else if (value && value->type != NODE_NULL)
                return body_must_be_text(request, value, name, err);
        if (*ret || !required)
                return 0;
        request->pointer = arena_printf(&request->arena, "/%s", name);
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s is missing", name);
}

int body_reason(Request *request, const Node *body, const char **ret, Error *err)
{
        int r = body_text(request, body, "reason", false, ret, err);

        if (*ret && !(*ret)[strspn(*ret, " ")])
                *ret = NULL;
        return r;
}

int body_message(Request *request, const Node *body, const char **ret, Error *err)
{
        int r = body_text(request, body, "message", false, ret, err);

        if (r < 0 || !*ret)
                return r;
        if (!(*ret)[strspn(*ret, " ")])
                *ret = NULL;
        else if (strlen(*ret) > REPORT_MESSAGE_MAX) {
                request->pointer = "/message";
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: message is longer than %d bytes", REPORT_MESSAGE_MAX);
        }
        return 0;
}

int body_promotion(Request *request, const Node *body, const char **ret, Error *err)
{
        int r = body_text(request, body, "promotionId", false, ret, err);

        if (r < 0 || !*ret || uuid_is_valid(*ret))
                return r;
        request->pointer = "/promotionId";
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "body: promotionId is the id of a promotion, such as "
                         "01a211c8-4c6f-755e-806a-2c51a0f1acea");
}

int body_bool(Request *request, const Node *body, const char *name, bool *ret, Error *err)
{
        const Node *value = node_get(body, name);

        *ret = false;
        if (!value || value->type == NODE_NULL)
                return 0;
        if (value->type == NODE_SCALAR && value->style == SCALAR_LITERAL) {
                *ret = streq(value->text, "true");
                if (*ret || streq(value->text, "false"))
                        return 0;
        }
        request->pointer = arena_printf(&request->arena, "/%s", name);
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s is true or false", name);
}
