#include "model/schema/event-body.h"

#include <errno.h>
#include <stdlib.h>

#include "base/suggest.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/schema/encode.h"

#define NAME_SIZE_MAX 64                    /* with a NUL */
#define TEXT_SIZE_MAX ((size_t)1024 * 1024) /* of one text of the result */
#define SHORTENED     "\xe2\x80\xa6"        /* U+2026 */

const char *const event_body_fields[] = {
        "text", "type",   "severity", "id",    "sequence", "time", "tenant",
        "kind", "object", "token",    "event", "data",     NULL,
};

const char *const event_body_keys[] = {
        "by",         "change",      "channel",     "check",      "commit",      "count",
        "digest",     "environment", "evidenceRef", "fromDigest", "fromRelease", "fromReleaseId",
        "fromSemver", "fromTag",     "gate",        "lockDigest", "message",     "newest",
        "opensAt",    "output",      "person",      "platform",   "promotionId", "reason",
        "release",    "releaseId",   "semver",      "severity",   "specCommit",  "tag",
        NULL,
};

/* A reference ${NAME} or ${NAME:MAX}. */
typedef struct Reference {
        char name[NAME_SIZE_MAX];
        size_t max;       /* 0: no limit */
        const char *rest; /* what follows the closing brace */
} Reference;

/* Reads the reference at text, which begins with "${". Returns false if it is not a reference. */
static bool read_reference(const char *text, Reference *ret)
{
        const char *begin = text + 2, *end = begin + strcspn(begin, ":}");
        size_t size = (size_t)(end - begin);
        unsigned long max = 0;
        char *after;

        if (size == 0 || size >= sizeof(ret->name) || !*end)
                return false;
        memcpy(ret->name, begin, size);
        ret->name[size] = '\0';
        if (*end == ':') {
                if (end[1] < '1' || end[1] > '9')
                        return false;
                max = strtoul(end + 1, &after, 10);
                end = after;
        }
        if (*end != '}' || max > TEXT_SIZE_MAX || (max > 0 && max <= strlen(SHORTENED)))
                return false;
        ret->max = max;
        ret->rest = end + 1;
        return true;
}

static bool is_in(const char *name, const char *const *names)
{
        for (; *names; names++)
                if (streq(*names, name))
                        return true;
        return false;
}

static bool is_object(const char *name)
{
        return streq(name, "event") || streq(name, "data");
}

/* --- check ------------------------------------------------------------------------------------ */

static size_t count(const char *const *names)
{
        size_t n = 0;

        while (names[n])
                n++;
        return n;
}

static int refuse_name(const char *name, Error *err)
{
        bool is_key = strncmp(name, "data.", 5) == 0;
        const char *const *names = is_key ? event_body_keys : event_body_fields;
        const char *nearest = suggest_nearest(is_key ? name + 5 : name, names, count(names));

        return error_set(err, ERROR_INVALID, -EINVAL, "${%s} is no field of events%s%s%s%s", name,
                         nearest ? "; did you mean ${" : "", nearest && is_key ? "data." : "",
                         nearest ? nearest : "", nearest ? "}?" : "");
}

static int check_text(const char *text, Error *err)
{
        Reference reference;

        for (const char *at = text; (at = strstr(at, "${")); at = reference.rest) {
                reference.rest = at + 2;
                if (at > text && at[-1] == '$')
                        continue;
                if (!read_reference(at, &reference))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "\"%.40s\" is no ${NAME} or ${NAME:MAX}; write $${ for a "
                                         "literal ${",
                                         at);
                if (strncmp(reference.name, "data.", 5) == 0
                            ? !is_in(reference.name + 5, event_body_keys)
                            : !is_in(reference.name, event_body_fields))
                        return refuse_name(reference.name, err);
                if (is_object(reference.name) &&
                    (at != text || *reference.rest || reference.max > 0))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "${%s} is an object, so it must be the complete text",
                                         reference.name);
        }
        return 0;
}

static int check(const Node *node, Error *err)
{
        int r = 0;

        if (node->type == NODE_SCALAR && node->style != SCALAR_LITERAL)
                return check_text(node->text, err);
        for (size_t i = 0; node->type == NODE_SEQUENCE && i < node->n && r >= 0; i++)
                r = check(node->items[i], err);
        for (size_t i = 0; node->type == NODE_MAPPING && i < node->n && r >= 0; i++)
                r = check(node->entries[i].value, err);
        return r;
}

int event_body_parse(const char *template, Arena *arena, Node **ret, Error *err)
{
        int r = json_to_node(template, strlen(template), arena, ret, err);

        return r < 0 ? r : check(*ret, err);
}

/* --- write ------------------------------------------------------------------------------------ */

/* Appends at most max bytes of a text, with an ellipsis if it is longer. 0: no limit. */
static void append_at_most(const char *text, size_t max, Buffer *out)
{
        size_t size = strlen(text);

        if (max == 0 || size <= max) {
                (void)buffer_append(out, text, size);
                return;
        }
        (void)buffer_append(out, text, utf8_cut(text, max - strlen(SHORTENED)));
        (void)buffer_puts(out, SHORTENED);
}

static void write_text(const char *text, const EventBodyValues *values, Buffer *out)
{
        _cleanup_(buffer_done) Buffer result = { 0 };
        Reference reference;

        if (strncmp(text, "${", 2) == 0 && read_reference(text, &reference) &&
            is_object(reference.name)) {
                values->object(reference.name, out, values->userdata);
                return;
        }
        buffer_init(&result, TEXT_SIZE_MAX);
        while (*text) {
                if (strncmp(text, "$${", 3) == 0) {
                        (void)buffer_puts(&result, "${");
                        text += 3;
                } else if (strncmp(text, "${", 2) == 0 && read_reference(text, &reference)) {
                        append_at_most(values->text(reference.name, values->userdata),
                                       reference.max, &result);
                        text = reference.rest;
                } else
                        (void)buffer_putc(&result, *text++);
        }
        if (result.failed)
                out->failed = result.failed;
        else
                (void)encode_string(result.data, out);
}

void event_body_write(const Node *node, const EventBodyValues *values, Buffer *out)
{
        switch (node->type) {
        case NODE_NULL: (void)buffer_puts(out, "null"); break;
        case NODE_SCALAR:
                if (node->style == SCALAR_LITERAL)
                        (void)buffer_puts(out, node->text);
                else
                        write_text(node->text, values, out);
                break;
        case NODE_SEQUENCE:
                (void)buffer_putc(out, '[');
                for (size_t i = 0; i < node->n; i++) {
                        (void)(i > 0 ? buffer_putc(out, ',') : 0);
                        event_body_write(node->items[i], values, out);
                }
                (void)buffer_putc(out, ']');
                break;
        case NODE_MAPPING:
                (void)buffer_putc(out, '{');
                for (size_t i = 0; i < node->n; i++) {
                        (void)encode_name(node->entries[i].key, i > 0, out);
                        event_body_write(node->entries[i].value, values, out);
                }
                (void)buffer_putc(out, '}');
                break;
        }
}
