#include "api/plan-body.h"

#include <errno.h>

#include "api/http/body.h"
#include "api/http/parameters.h"
#include "api/internal.h"
#include "base/limits.h"

static const char *const names[] = { "documents", NULL };

void plan_body_init(PlanBody *body, Request *request)
{
        *body = (PlanBody){ .request = request, .next = 3 };
        body->list = (Node){ .type = NODE_SEQUENCE, .place = { .line = 2 } };
        body->member =
                (NodeEntry){ .key = names[0], .key_place = body->list.place, .value = &body->list };
        body->root = (Node){
                .type = NODE_MAPPING, .place = { .line = 1 }, .n = 1, .entries = &body->member
        };
        request->document = &body->root;
        arena_init(&body->arena, API_REQUEST_MAX);
        body->arena.quota = request->arena.quota;
}

static int not_json(size_t at, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "body: not valid JSON at byte %zu", at);
}

static int no_list(Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "documents: a list of documents");
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Skips white space and returns the next byte. Returns 0 at the end, or for a NUL, which is not
 * valid in JSON. */
static char peek(PlanBody *body)
{
        const Buffer *text = &body->request->body;

        while (body->at < text->size && is_blank(text->data[body->at]))
                body->at++;
        return (char)(body->at < text->size ? text->data[body->at] : '\0');
}

static bool begins_value(char c)
{
        return c && strchr("{[\"-0123456789tfn", c);
}

/* Returns the size of the string that begins at text, with its quotes; 0 if it does not end within
 * max bytes. */
static size_t string_size(const char *text, size_t max)
{
        for (size_t i = 1; i < max; i++)
                if (text[i] == '\\')
                        i++;
                else if (text[i] == '"')
                        return i + 1;
        return 0;
}

/* Returns the size of the object that begins at text; 0 if it does not end within max bytes. Does
 * not check whether the object is valid JSON: the parser does. */
static size_t object_size(const char *text, size_t max, size_t *ret_values)
{
        size_t depth = 0;

        *ret_values = 0;
        for (size_t i = 0; i < max; i++) {
                char c = text[i];

                if (c == '"') {
                        size_t size = string_size(text + i, max - i);

                        if (size == 0)
                                return 0;
                        i += size - 1;
                        continue;
                }
                *ret_values += c == ',' || c == '{' || c == '[';
                if (c == '{' || c == '[')
                        depth++;
                else if ((c == '}' || c == ']') && --depth == 0)
                        return i + 1;
        }
        return 0;
}

/* --- members ---------------------------------------------------------------------------------- */

/* Refuses a key other than "documents", with the message of request_check_document(). */
static int refuse_member(PlanBody *body, size_t size, Error *err)
{
        Request *request = body->request;
        static const char behind[] = ":null}";
        char *text = arena_alloc(&request->arena, size + sizeof(behind));
        Node *node;
        int r;

        if (!text)
                return error_oom(err);
        text[0] = '{';
        memcpy(text + 1, request->body.data + body->at, size);
        memcpy(text + 1 + size, behind, sizeof(behind) - 1);
        r = request_parse(request, text, size + sizeof(behind), &node, err);
        if (r < 0)
                return error_prefix(err, r, "body");
        body_number(node);
        request->document = node;
        return request_check_document(request, node, names, TEXT_LINES, err);
}

/* Reads the key of the next member, and the colon. */
static int read_key(PlanBody *body, Error *err)
{
        const Buffer *text = &body->request->body;
        bool is_repeated = body->state == PLAN_BODY_BEHIND;
        size_t size;
        int r;

        if (peek(body) != '"')
                return not_json(body->at, err);
        size = string_size(text->data + body->at, text->size - body->at);
        if (size == 0)
                return not_json(text->size, err);
        if (size > JSON_KEY_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL, "body: unknown field of %zu bytes",
                                 size);
        r = refuse_member(body, size, err);
        if (r < 0)
                return r;
        body->request->document = &body->root;
        if (is_repeated)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: repeated key \"documents\" in JSON");
        body->at += size;
        if (peek(body) != ':')
                return not_json(body->at, err);
        body->at++;
        return 0;
}

static int read_begin(PlanBody *body, Error *err)
{
        char c = peek(body);
        int r;

        if (body->request->body.size == 0) {
                body->state = PLAN_BODY_END;
                return 0;
        }
        if (c != '{')
                return begins_value(c) ? error_set(err, ERROR_INVALID, -EINVAL,
                                                   "body: a JSON object is wanted")
                                       : not_json(body->at, err);
        body->at++;
        if (peek(body) == '}') {
                body->state = PLAN_BODY_BEHIND;
                return 0;
        }
        r = read_key(body, err);
        if (r < 0)
                return r;
        c = peek(body);
        if (c != '[')
                return begins_value(c) ? no_list(err) : not_json(body->at, err);
        body->at++;
        body->state = PLAN_BODY_FIRST;
        return 0;
}

/* Reads the text after the list. */
static int read_behind(PlanBody *body, Error *err)
{
        char c = peek(body);

        if (c == ',') {
                body->at++;
                /* fails, because the body may have only one member */
                return read_key(body, err);
        }
        if (c != '}')
                return not_json(body->at, err);
        body->at++;
        (void)peek(body); /* skips white space */
        if (body->at < body->request->body.size)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "body: more after the JSON value at byte %zu", body->at);
        body->state = PLAN_BODY_END;
        return 0;
}

/* --- documents -------------------------------------------------------------------------------- */

static int append(PlanBody *body, Node *node, Error *err)
{
        Node *list = &body->list, **items;
        size_t capacity = MAX(body->capacity * 2, (size_t)64);

        if (list->n == body->capacity) {
                items = arena_alloc_array(&body->request->arena, capacity, sizeof(Node *));
                if (!items)
                        return error_oom(err);
                if (list->n > 0)
                        memcpy(items, list->items, list->n * sizeof(Node *));
                list->items = items;
                body->capacity = capacity;
        }
        body->placeholder = arena_alloc(&body->request->arena, sizeof(*body->placeholder));
        if (!body->placeholder)
                return error_oom(err);
        *body->placeholder = (Node){ .type = NODE_MAPPING, .place = node->place };
        list->items[list->n++] = node;
        return 0;
}

static size_t n_faults(const PlanBody *body)
{
        const DiagList *diags = &body->request->diags;

        return diags->n + diags->n_dropped;
}

static void drop_document(PlanBody *body, Node *kept)
{
        if (body->placeholder)
                body->list.items[body->list.n - 1] = kept;
        body->placeholder = NULL;
        arena_clear(&body->arena);
}

/* Drops the document that was read last, but keeps its number. Keeps a document with a fault, for
 * JSON pointers to its members. */
static int settle_document(PlanBody *body, Error *err)
{
        Request *request = body->request;
        unsigned number;
        Node *kept = body->placeholder;
        int r = 0;

        if (!kept)
                return 0;
        number = kept->place.line;
        if (n_faults(body) > body->n_faults)
                r = request_parse(request, request->body.data + body->from, body->at - body->from,
                                  &kept, err);
        if (r < 0)
                return r;
        if (kept != body->placeholder)
                body_number_from(kept, &number);
        drop_document(body, kept);
        return 0;
}

static int read_document(PlanBody *body, const Node **ret, Error *err)
{
        Request *request = body->request;
        const char *text = request->body.data + body->at;
        size_t left = request->body.size - body->at, n_values, size;
        Node *node;
        int r;

        size = object_size(text, MIN(left, (size_t)PLAN_DOCUMENT_MAX), &n_values);
        if (size == 0 && left <= PLAN_DOCUMENT_MAX)
                return not_json(request->body.size, err);
        request->pointer = arena_printf(&request->arena, "/documents/%zu", body->list.n);
        if (size == 0 || n_values > YAML_NODES_MAX)
                return error_set(err, ERROR_INVALID, -E2BIG,
                                 "body: a document has more than %d bytes, or more than %d values",
                                 PLAN_DOCUMENT_MAX, YAML_NODES_MAX);
        body->n_faults = n_faults(body);
        body->from = body->at;
        r = request_parse_in(request, text, size, &body->arena, &node, err);
        if (r < 0)
                return error_prefix(err, r, "body: document at byte %zu", body->at);
        body_number_from(node, &body->next);
        r = append(body, node, err);
        if (r < 0)
                return r;
        request->pointer = NULL;
        r = request_check_document(request, node, NULL, TEXT_LINES, err);
        body->at += size;
        *ret = node;
        return r < 0 ? r : 1;
}

/* Reads the next document, or the "]". */
static int read_item(PlanBody *body, const Node **ret, Error *err)
{
        char c = peek(body);

        if (c == ']') {
                body->at++;
                body->state = PLAN_BODY_BEHIND;
                return 0;
        }
        if (body->state == PLAN_BODY_NEXT) {
                if (c != ',')
                        return not_json(body->at, err);
                body->at++;
                c = peek(body);
        }
        if (c != '{')
                return begins_value(c) ? no_list(err) : not_json(body->at, err);
        body->state = PLAN_BODY_NEXT;
        return read_document(body, ret, err);
}

void plan_body_done(PlanBody *body)
{
        drop_document(body, body->placeholder);
        arena_done(&body->arena);
}

int plan_body_next(PlanBody *body, const Node **ret, Error *err)
{
        int r = settle_document(body, err);

        while (r == 0 && body->state != PLAN_BODY_END)
                r = body->state == PLAN_BODY_BEGIN    ? read_begin(body, err)
                    : body->state == PLAN_BODY_BEHIND ? read_behind(body, err)
                                                      : read_item(body, ret, err);
        return r;
}
