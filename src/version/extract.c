#include "version/extract.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/text.h"
#include "version/digits.h"

#define GROUP_DIGITS_MAX 5 /* a pattern has at most 65535 groups */

typedef struct TemplateReader {
        const char *text;
        const char *at;
        char quoted[80]; /* text, for messages */
        const Regex *regex;
        Arena *arena;
        Extract extract;
} TemplateReader;

static int refuse_group(const TemplateReader *reader, const char *name, size_t size, Error *err)
{
        unsigned n = regex_n_groups(reader->regex);
        char quoted[80];

        escape_text(name, size, quoted, sizeof(quoted));
        return error_set(
                err, ERROR_INVALID, -EINVAL,
                "'%s' names group '%s', but the pattern has %u numbered group%s and none of that name",
                reader->quoted, quoted, n, text_plural(n));
}

static int find_group(const TemplateReader *reader, const char *name, size_t size, unsigned *ret,
                      Error *err)
{
        char *copy;
        int number = 0;

        if (digits_span(name, name + size) == size && size <= GROUP_DIGITS_MAX) {
                for (size_t i = 0; i < size; i++)
                        number = number * 10 + (name[i] - '0');
                if ((unsigned)number > regex_n_groups(reader->regex))
                        return refuse_group(reader, name, size, err);
        } else {
                copy = arena_strndup(reader->arena, name, size);
                if (!copy)
                        return error_oom(err);
                number = regex_group_number(reader->regex, copy);
                if (number < 0)
                        return refuse_group(reader, name, size, err);
        }
        *ret = (unsigned)number;
        return 0;
}

static void add_group(Extract *extract, unsigned group)
{
        extract->pieces[extract->n_pieces++] = (ExtractPiece){ .group = group };
        extract->max_group = MAX(extract->max_group, group);
}

static void add_literal(Extract *extract, const char *text, size_t size)
{
        extract->pieces[extract->n_pieces++] = (ExtractPiece){ .literal = text, .size = size };
}

static size_t name_span(const char *text)
{
        const char *at = text;

        if (is_digit(*at))
                return digits_span(text, text + strlen(text));
        while (is_letter(*at) || is_digit(*at) || *at == '_')
                at++;
        return (size_t)(at - text);
}

static void add_conditional(Extract *extract, unsigned group, const char *text, size_t size)
{
        add_literal(extract, text, size);
        extract->pieces[extract->n_pieces - 1].group = group;
        extract->pieces[extract->n_pieces - 1].is_conditional = true;
        extract->max_group = MAX(extract->max_group, group);
}

/* Returns the size of TEXT in "${NAME:+TEXT}"; 0 for other references. after_name points after
 * NAME. */
static size_t conditional_span(const char *after_name)
{
        size_t size = strncmp(after_name, ":+", 2) == 0 ? strcspn(after_name + 2, "$}") : 0;

        return size > 0 && after_name[2 + size] == '}' ? size : 0;
}

/* Reads the reference after a '$'. */
static int read_reference(TemplateReader *reader, Error *err)
{
        bool has_brace = *reader->at == '{';
        const char *name = reader->at + has_brace;
        size_t size = name_span(name), n_text = has_brace ? conditional_span(name + size) : 0;
        unsigned group = 0;
        int r;

        if (*reader->at == '$') {
                add_literal(&reader->extract, reader->at++, 1);
                return 0;
        }
        if (size == 0 || (has_brace && n_text == 0 && name[size] != '}'))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' has no group number or name after '$' at offset %zu; write $$ for a dollar",
                        reader->quoted, (size_t)(reader->at - reader->text - 1));
        r = find_group(reader, name, size, &group, err);
        if (r < 0)
                return r;
        if (n_text > 0) {
                add_conditional(&reader->extract, group, name + size + 2, n_text);
                reader->at = name + size + 2 + n_text + 1;
                return 0;
        }
        add_group(&reader->extract, group);
        reader->at = name + size + has_brace;
        return 0;
}

static int read_template(TemplateReader *reader, Error *err)
{
        int r;

        while (*reader->at) {
                size_t n_literal = strcspn(reader->at, "$");

                if (n_literal > 0) {
                        add_literal(&reader->extract, reader->at, n_literal);
                        reader->at += n_literal;
                        continue;
                }
                reader->at++;
                r = read_reference(reader, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void use_default(TemplateReader *reader)
{
        int number = regex_group_number(reader->regex, "version");

        if (number < 0)
                number = regex_n_groups(reader->regex) > 0 ? 1 : 0;
        add_group(&reader->extract, (unsigned)number);
}

static int read_extract(TemplateReader *reader, const char *text, Error *err)
{
        unsigned group = 0;
        int r;

        if (strchr(text, '$'))
                return read_template(reader, err);
        if (!*text || name_span(text) != strlen(text))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' is no group number, no group name and no template such as $1.$2.$3",
                        reader->quoted);
        r = find_group(reader, text, strlen(text), &group, err);
        if (r < 0)
                return r;
        add_group(&reader->extract, group);
        return 0;
}

int extract_compile(const char *text, const Regex *regex, Arena *arena, Extract *ret, Error *err)
{
        TemplateReader reader = { .regex = regex, .arena = arena };
        size_t size = text ? strlen(text) : 1;
        int r;

        if (size > TEXT_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "it is %zu bytes long; at most %d are read", size, TEXT_MAX);
        /* Each piece has at least one byte. The pieces point into the copy. */
        reader.extract.pieces = arena_alloc_array(arena, size + 1, sizeof(ExtractPiece));
        reader.text = reader.at = arena_strndup(arena, text ? text : "", size);
        if (!reader.extract.pieces || !reader.text)
                return error_oom(err);
        escape_text(reader.text, strlen(reader.text), reader.quoted, sizeof(reader.quoted));
        if (!text)
                use_default(&reader);
        else {
                r = read_extract(&reader, reader.text, err);
                if (r < 0)
                        return r;
        }
        *ret = reader.extract;
        return 0;
}

static Extracted piece_of(const ExtractPiece *piece, const char *subject, const RegexSpan *spans)
{
        const RegexSpan *span = &spans[piece->group];

        if (piece->is_conditional && (span->offset == (size_t)-1 || span->size == 0))
                return (Extracted){ 0 };
        if (piece->literal)
                return (Extracted){ .data = piece->literal, .size = piece->size };
        if (span->offset == (size_t)-1)
                return (Extracted){ 0 };
        return (Extracted){ .data = subject + span->offset, .size = span->size };
}

int extract_apply(const Extract *extract, const char *subject, const RegexSpan *spans, Arena *arena,
                  Extracted *ret)
{
        size_t size = 0;
        char *text;

        if (extract->n_pieces == 1) {
                *ret = piece_of(&extract->pieces[0], subject, spans);
                return 0;
        }
        for (size_t i = 0; i < extract->n_pieces; i++)
                size += piece_of(&extract->pieces[i], subject, spans).size;
        if (size > TEXT_MAX)
                return -E2BIG;
        text = arena_alloc(arena, size + 1);
        if (!text)
                return -ENOMEM;
        *ret = (Extracted){ .data = text, .size = size };
        for (size_t i = 0; i < extract->n_pieces; i++) {
                Extracted piece = piece_of(&extract->pieces[i], subject, spans);

                if (piece.size > 0)
                        memcpy(text, piece.data, piece.size);
                text += piece.size;
        }
        return 0;
}
