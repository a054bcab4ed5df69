/* Converts the output of a check to text. */

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

/* Returns the size without an incomplete last character. */
static size_t whole_characters(const char *data, size_t size)
{
        uint32_t character;
        size_t last = size;

        while (last > 0 && size - last < UTF8_SIZE_MAX && utf8_continues(data[last - 1]))
                last--;
        if (last == 0)
                return size;
        last--;
        return utf8_decode(data + last, size - last, &character) > 0 ? size : last;
}

/* Limits a text to CHECK_OUTPUT_MAX bytes: keeps the end if is_end, otherwise the beginning. */
static const char *limit_text(const Buffer *text, bool is_end, Arena *arena)
{
        size_t begin = 0, end = text->size;

        if (text->size > CHECK_OUTPUT_MAX && is_end)
                begin = text->size - CHECK_OUTPUT_MAX;
        else if (text->size > CHECK_OUTPUT_MAX)
                end = CHECK_OUTPUT_MAX;
        while (begin > 0 && begin < end && utf8_continues(text->data[begin]))
                begin++;
        while (end < text->size && end > begin && utf8_continues(text->data[end]))
                end--;
        return arena_strndup(arena, text->data + begin, end - begin);
}

const char *check_output_text(const CheckOutput *output, Arena *arena)
{
        const char *data = output->data;
        size_t size = output->size;
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, ESCAPED_MAX * CHECK_OUTPUT_MAX);
        while (output->begin_is_missing && size > 0 && utf8_continues(*data)) {
                data++;
                size--;
        }
        if (!output->is_end && size == CHECK_OUTPUT_MAX)
                size = whole_characters(data, size);
        write_text(data, size, &text);
        return text.failed ? NULL : limit_text(&text, output->is_end, arena);
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
