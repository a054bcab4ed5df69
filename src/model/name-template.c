#include "model/name-template.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/buffer.h"
#include "base/limits.h"

typedef enum PartType {
        PART_END,
        PART_TEXT,
        PART_STREAM,
        PART_SEQ,
        PART_DATE,
        PART_VERSION,
        PART_BAD,
} PartType;

typedef struct Part {
        PartType type;
        const char *text;
        size_t size;
} Part;

static bool is_word(const char *text, size_t size, const char *word)
{
        return size == strlen(word) && strncmp(text, word, size) == 0;
}

static Part next_part(const char **at)
{
        const char *start = *at, *end;
        Part part = { .type = PART_BAD, .text = start };

        if (*start == '\0')
                return (Part){ .type = PART_END };
        if (*start != '{') {
                part.size = strcspn(start, "{}");
                part.type = part.size > 0 ? PART_TEXT : PART_BAD;
                *at = start + MAX(part.size, 1U);
                return part;
        }
        end = strpbrk(start + 1, "{}");
        if (!end || *end != '}') {
                part.size = strlen(start);
                *at = start + part.size;
                return part;
        }
        *at = end + 1;
        part.text = start + 1;
        part.size = (size_t)(end - part.text);
        if (is_word(part.text, part.size, "stream"))
                part.type = PART_STREAM;
        else if (is_word(part.text, part.size, "seq"))
                part.type = PART_SEQ;
        else if (is_word(part.text, part.size, "date"))
                part.type = PART_DATE;
        else if (part.size > 8 && strncmp(part.text, "version:", 8) == 0) {
                part.type = PART_VERSION;
                part.text += 8;
                part.size -= 8;
        }
        return part;
}

int name_template_check(const char *text, Error *err)
{
        const char *at = text;
        bool first = true;

        for (;;) {
                Part part = next_part(&at);

                if (part.type == PART_END)
                        break;
                if (part.type == PART_BAD)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "\"%.*s\" means nothing here; there are {stream}, {seq}, "
                                         "{date} and {version:COMPONENT}",
                                         (int)part.size, part.text);
                for (size_t i = 0; part.type == PART_TEXT && i < part.size; i++) {
                        unsigned char c = (unsigned char)part.text[i];
                        bool outer = islower(c) || isdigit(c);

                        if (!outer && (!strchr("._-", c) || (first && i == 0)))
                                return error_set(
                                        err, ERROR_INVALID, -EINVAL,
                                        "a name cannot hold '%c' there: lower-case letters, "
                                        "digits and . _ - between them",
                                        c);
                }
                first = false;
        }
        return first ? error_set(err, ERROR_INVALID, -EINVAL, "a template cannot be empty") : 0;
}

static const char *version_of(const NameValues *values, const Part *part)
{
        for (size_t i = 0; i < values->n_versions; i++)
                if (is_word(part->text, part->size, values->versions[i].component))
                        return values->versions[i].version;
        return NULL;
}

/* Appends text in lower case. Replaces each character that a name cannot have by a hyphen. */
static void append_text(Buffer *out, const char *text)
{
        for (const char *p = text; *p; p++) {
                int c = tolower((unsigned char)*p);

                (void)buffer_putc(out,
                                  islower(c) || isdigit(c) || strchr("._-", c) ? (char)c : '-');
        }
}

static int append(Buffer *out, const Part *part, const NameValues *values, Error *err)
{
        time_t seconds = (time_t)(values->now / USEC_PER_SEC);
        struct tm tm;
        const char *version;

        switch (part->type) {
        case PART_TEXT: return buffer_append(out, part->text, part->size);
        case PART_STREAM: return buffer_puts(out, values->stream);
        case PART_SEQ: return buffer_printf(out, "%lld", (long long)values->sequence);
        case PART_DATE:
                (void)gmtime_r(&seconds, &tm); /* cannot fail before the year 2^31 */
                return buffer_printf(out, "%04d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                                     tm.tm_mday);
        case PART_VERSION:
                version = version_of(values, part);
                if (!version)
                        return error_set(err, ERROR_INVALID, -ENOENT,
                                         "nameTemplate: component '%.*s' has no version here",
                                         (int)part->size, part->text);
                append_text(out, version);
                return 0;
        case PART_END:
        case PART_BAD: break;
        }
        return error_set(err, ERROR_INVALID, -EINVAL, "nameTemplate: not valid");
}

int name_template_expand(const char *text, const NameValues *values, Arena *arena, const char **ret,
                         Error *err)
{
        _cleanup_(buffer_done) Buffer name;
        const char *at = text;
        int r = 0;

        buffer_init(&name, FILE_STEM_MAX - 8); /* leaves room for a suffix such as "-1000" */
        for (;;) {
                Part part = next_part(&at);

                if (part.type == PART_END)
                        break;
                r = append(&name, &part, values, err);
                if (r < 0)
                        break;
        }
        if (name.failed)
                return error_set(err, ERROR_INVALID, -E2BIG, "nameTemplate: the name is too long");
        if (r < 0)
                return r;
        while (name.size > 0 && strchr("._-", name.data[name.size - 1]))
                name.data[--name.size] = '\0';
        if (!name_is_valid(name.data))
                return error_set(err, ERROR_INVALID, -EINVAL, "nameTemplate: '%s' is no valid name",
                                 name.data);
        *ret = arena_strdup(arena, name.data);
        return *ret ? 0 : error_oom(err);
}

int name_template_components(const char *text, Arena *arena, Strings *ret)
{
        const char *at = text;
        size_t max = 1;

        for (const char *p = text; *p; p++)
                max += *p == '{';
        ret->n = 0;
        ret->items = arena_alloc_array(arena, max, sizeof(char *));
        if (!ret->items)
                return -ENOMEM;
        for (;;) {
                Part part = next_part(&at);

                if (part.type == PART_END)
                        return 0;
                if (part.type != PART_VERSION)
                        continue;
                ret->items[ret->n] = arena_strndup(arena, part.text, part.size);
                if (!ret->items[ret->n++])
                        return -ENOMEM;
        }
}
