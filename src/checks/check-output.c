/* The output of programs as text. */

#include <string.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "checks/check-runs.h"

#define LINE_MAX_BYTES 200

/* Keeps line ends and tabs, and escapes everything else that escape_one() escapes. */
static void write_text(const char *data, size_t size, Buffer *out)
{
        char one[ESCAPED_MAX];

        for (size_t i = 0; i < size;) {
                if (data[i] == '\n' || data[i] == '\t') {
                        (void)buffer_putc(out, data[i++]);
                        continue;
                }
                if (data[i] == '\r' && i + 1 < size && data[i + 1] == '\n') {
                        i++;
                        continue;
                }
                i += escape_one(data + i, size - i, one);
                (void)buffer_puts(out, one);
        }
}

const char *check_output_text(const ProgramEnd *end, Arena *arena)
{
        const char *data = end->output;
        size_t size = end->output_size, cut = 0;
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, ESCAPED_MAX * CHECK_OUTPUT_MAX);
        /* the first character may have lost its beginning */
        while (end->n_dropped > 0 && size > 0 && utf8_continues(*data)) {
                data++;
                size--;
        }
        write_text(data, size, &text);
        if (text.failed)
                return NULL;
        if (text.size > CHECK_OUTPUT_MAX)
                cut = text.size - CHECK_OUTPUT_MAX;
        while (cut > 0 && cut < text.size && utf8_continues(text.data[cut]))
                cut++;
        return arena_strndup(arena, text.data + cut, text.size - cut);
}

const char *check_output_line(const char *text, Arena *arena)
{
        size_t end = strlen(text), begin;

        while (end > 0 && strchr(" \t\n", text[end - 1]))
                end--;
        begin = end;
        while (begin > 0 && text[begin - 1] != '\n')
                begin--;
        if (end - begin > LINE_MAX_BYTES) {
                end = begin + LINE_MAX_BYTES;
                while (utf8_continues(text[end]))
                        end--;
        }
        return arena_strndup(arena, text + begin, end - begin);
}
