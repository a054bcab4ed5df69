/* What a request asks: which page, which times, and what its body says. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/body.h"
#include "api/internal.h"
#include "base/limits.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "model/json.h"

#define PAGE_SIZE_DEFAULT 50
#define PAGE_SIZE_MAX     500

static int bad_parameter(const char *name, const char *what, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "parameter %s: %s", name, what);
}

static int number(const Request *request, const char *name, int64_t fallback, int64_t max,
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

        r = number(request, "page", 1, 1000000, ret_page, err);
        if (r >= 0)
                r = number(request, "pageSize", PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, &ret->limit, err);
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

int request_check_query(const Request *request, Error *err)
{
        const char *taken = request->route->query ? request->route->query : "";
        char words[256];
        const char *known[16] = { "tenant" }, *unknown, *nearest;
        size_t n = 1;

        (void)snprintf(words, sizeof(words), "%s", taken);
        for (char *rest = NULL, *word = strtok_r(words, " !", &rest); word && n < ARRAY_SIZE(known);
             word = strtok_r(NULL, " !", &rest))
                known[n++] = word;
        unknown = request_query_beside(request, known, n);
        if (!unknown)
                return 0;
        nearest = suggest_nearest(unknown, known, n);
        if (nearest)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "unknown parameter '%s'; did you mean '%s'?", unknown, nearest);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "unknown parameter '%s'; there are: tenant %s", unknown, taken);
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

int request_body(Request *request, const char *const *names, const Node **ret, Error *err)
{
        static const Node empty = { .type = NODE_MAPPING };
        Node *node;
        int r;

        *ret = &empty;
        if (request->body.size == 0)
                return 0;
        r = json_to_node(request->body.data, request->body.size, &request->arena, &node, err);
        if (r < 0) {
                err->kind = err->kind == ERROR_INTERNAL ? ERROR_INTERNAL : ERROR_INVALID;
                return error_prefix(err, r, "body");
        }
        if (node->type != NODE_MAPPING)
                return error_set(err, ERROR_INVALID, -EINVAL, "body: a JSON object is wanted");
        for (size_t i = 0; names && i < node->n; i++)
                if (!is_known(names, node->entries[i].key)) {
                        request->pointer =
                                arena_printf(&request->arena, "/%s", node->entries[i].key);
                        return unknown_field(names, node->entries[i].key, err);
                }
        body_number(node);
        request->document = *ret = node;
        return 0;
}

int body_text(Request *request, const Node *body, const char *name, bool required, const char **ret,
              Error *err)
{
        const Node *value = node_get(body, name);

        *ret = NULL;
        if (value && value->type == NODE_SCALAR && value->style == SCALAR_QUOTED)
                *ret = value->text;
        else if (value && value->type != NODE_NULL) {
                request->pointer = arena_printf(&request->arena, "/%s", name);
                return error_set(err, ERROR_INVALID, -EINVAL, "body: %s is a text", name);
        }
        if (*ret || !required)
                return 0;
        request->pointer = arena_printf(&request->arena, "/%s", name);
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s is missing", name);
}
