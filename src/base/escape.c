#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/utf8.h"

/* True for C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls and
 * U+FEFF. */
static bool is_unsafe(uint32_t c)
{
        return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
               (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t escape_one(const char *text, size_t size, char ret[ESCAPED_MAX])
{
        uint32_t c;
        size_t n = utf8_decode(text, size, &c);

        if (n == 0) {
                (void)snprintf(ret, ESCAPED_MAX, "\\x%02X", (unsigned)(unsigned char)text[0]);
                return 1;
        }
        if (!is_unsafe(c)) {
                memcpy(ret, text, n);
                ret[n] = '\0';
        } else if (c == '\n' || c == '\t' || c == '\r')
                (void)snprintf(ret, ESCAPED_MAX, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c < 0x80)
                (void)snprintf(ret, ESCAPED_MAX, "\\x%02X", c);
        else
                (void)snprintf(ret, ESCAPED_MAX, "\\u{%X}", c);
        return n;
}

const char *escape_text(const char *text, size_t size, char *ret_text, size_t ret_size)
{
        static const char cut[] = "...";
        size_t used = 0, fits = 0; /* fits: number of bytes after which "..." fits */
        char piece[ESCAPED_MAX];

        for (size_t i = 0; i < size;) {
                size_t n = escape_one(text + i, size - i, piece);
                size_t length = strlen(piece);

                if (used + length >= ret_size) {
                        if (fits + sizeof(cut) <= ret_size)
                                memcpy(ret_text + fits, cut, sizeof(cut));
                        else
                                ret_text[used] = '\0';
                        return ret_text;
                }
                memcpy(ret_text + used, piece, length);
                used += length;
                if (used + sizeof(cut) <= ret_size)
                        fits = used;
                i += n;
        }
        ret_text[used] = '\0';
        return ret_text;
}

const char *escape_dup(Arena *arena, const char *text, size_t size)
{
        _cleanup_(buffer_done) Buffer out;
        char piece[ESCAPED_MAX];

        buffer_init(&out, size * 12 + 1);
        for (size_t i = 0; i < size;) {
                i += escape_one(text + i, size - i, piece);
                if (buffer_puts(&out, piece) < 0)
                        return NULL;
        }
        return arena_strndup(arena, out.data, out.size);
}
