#include "ctl/client/answer-shape.h"

#include <errno.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/utf8.h"
#include "ctl/client/client.h"

/* --- checking answers ------------------------------------------------------------------------- */

static int answer_refuse(const char *what, const char *member, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the server's answer is not relman's: %s%s%s%s; check --socket or --url, "
                         "and that relmanctl is of the same version",
                         what, member ? " '" : "", member ? member : "", member ? "'" : "");
}

/* True if the object has a member. member: as in AnswerShape. */
static bool answer_has(const Node *object, const char *member)
{
        size_t size = strcspn(member, "[");
        NodeType type = member[size] ? NODE_SEQUENCE : NODE_SCALAR;

        for (size_t i = 0; object->type == NODE_MAPPING && i < object->n; i++)
                if (strlen(object->entries[i].key) == size &&
                    strncmp(object->entries[i].key, member, size) == 0)
                        return object->entries[i].value->type == type;
        return false;
}

static int answer_check_object(const Node *object, const AnswerShape *shape, Error *err)
{
        if (object->type != NODE_MAPPING)
                return answer_refuse("it is not an object", NULL, err);
        for (size_t i = 0; i < ANSWER_MEMBERS_MAX && shape->members[i]; i++)
                if (!answer_has(object, shape->members[i]))
                        return answer_refuse("it has no member", shape->members[i], err);
        return 0;
}

static bool answer_is_utf8(const char *text)
{
        uint32_t c;
        size_t n = 1;

        for (; *text && n > 0; text += n)
                n = utf8_decode(text, strnlen(text, 4), &c);
        return n > 0;
}

int answer_check(const Node *answer, const char *text, const AnswerShape *shape, Error *err)
{
        const Node *list;
        int r = 0;

        if (!answer || !answer_is_utf8(text))
                return answer_refuse("it is not JSON", NULL, err);
        if (!shape)
                return answer->type == NODE_MAPPING || answer->type == NODE_SEQUENCE
                               ? 0
                               : answer_refuse("it is neither an object nor a list", NULL, err);
        if (!shape->is_list)
                return answer_check_object(answer, shape, err);
        list = answer->type == NODE_MAPPING ? node_get(answer, "data") : answer;
        if (!list || list->type != NODE_SEQUENCE)
                return answer_refuse("it is not a list", NULL, err);
        for (size_t i = 0; i < list->n && r >= 0; i++)
                r = answer_check_object(list->items[i], shape, err);
        return r;
}

/* --- escaping and printing -------------------------------------------------------------------- */

static int answer_escape_text(const char **text, Arena *arena)
{
        const char *p = *text;

        while (*p >= 0x20 && *p < 0x7f)
                p++;
        if (!*p)
                return 0;
        p = escape_dup(arena, *text, strlen(*text));
        if (!p)
                return -ENOMEM;
        *text = p;
        return 0;
}

/* The recursion is bounded by JSON_DEPTH_MAX. */
int answer_escape(Node *answer, Arena *arena)
{
        int r = 0;

        if (answer->type == NODE_SCALAR)
                return answer_escape_text(&answer->text, arena);
        for (size_t i = 0; answer->type == NODE_SEQUENCE && i < answer->n && r >= 0; i++)
                r = answer_escape(answer->items[i], arena);
        for (size_t i = 0; answer->type == NODE_MAPPING && i < answer->n && r >= 0; i++) {
                r = answer_escape_text(&answer->entries[i].key, arena);
                if (r >= 0)
                        r = answer_escape(answer->entries[i].value, arena);
        }
        return r;
}

static bool answer_is_control(uint32_t c)
{
        return (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || (c >= 0x7f && c < 0xa0);
}

void answer_print_json(const char *text)
{
        const char *p, *raw = text; /* the bytes from raw to p are printed without escapes */
        size_t n;

        for (p = text; *p; p += n) {
                uint32_t c;

                n = 1;
                if (*p >= 0x20 && *p < 0x7f)
                        continue;
                n = utf8_decode(p, strnlen(p, UTF8_SIZE_MAX), &c);
                if (n > 0 && !answer_is_control(c))
                        continue;
                (void)fwrite(raw, 1, (size_t)(p - raw), stdout); /* main() checks for errors */
                if (n == 0)
                        printf("\\ufffd");
                else
                        printf("\\u%04x", c);
                n = MAX(n, (size_t)1);
                raw = p + n;
        }
        (void)fwrite(raw, 1, (size_t)(p - raw), stdout);
        if (p == text || p[-1] != '\n')
                printf("\n");
}
