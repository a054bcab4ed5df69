#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

char *text_printf(const char *format, ...)
{
        char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        return r < 0 ? NULL : text;
}

bool text_begins_with(const char *text, const char *beginning)
{
        return strncmp(text, beginning, strlen(beginning)) == 0;
}

bool text_ends_with(const char *text, const char *end)
{
        size_t size = strlen(text), n = strlen(end);

        return size > n && streq(text + size - n, end);
}

void text_hex(const unsigned char *data, size_t size, char *ret)
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < size; i++) {
                *ret++ = digits[data[i] >> 4];
                *ret++ = digits[data[i] & 15];
        }
        *ret = '\0';
}

/* Returns the reason why a text must not contain this character; NULL if the character is allowed.
 */
static const char *text_refuses(uint32_t c, TextLines lines)
{
        if (lines == TEXT_LINES && (c == '\n' || c == '\t'))
                return NULL;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
                return "control character";
        if (c == 0x2028 || c == 0x2029) /* YAML 1.1 reads these as line breaks */
                return "line separator";
        if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
                return "noncharacter";
        /* these change the order in which text is displayed ("Trojan Source" attack) */
        if (lines == TEXT_ONE_LINE &&
            ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)))
                return "bidirectional control";
        return NULL;
}

bool text_is_printable(const char *text, size_t size, TextLines lines, TextFault *ret_fault)
{
        for (size_t i = 0; i < size;) {
                uint32_t c = (unsigned char)text[i];
                /* most characters are plain, and need no decoding */
                bool is_plain = c >= 0x20 && c < 0x7f;
                size_t n = is_plain ? 1 : utf8_decode(text + i, size - i, &c);
                const char *why = is_plain ? NULL
                                  : n == 0 ? "invalid UTF-8"
                                           : text_refuses(c, lines);

                if (why && ret_fault) {
                        *ret_fault = (TextFault){ .offset = i, .why = why };
                        if (n == 0)
                                (void)snprintf(ret_fault->name, sizeof(ret_fault->name),
                                               "byte 0x%02X", (unsigned)(unsigned char)text[i]);
                        else
                                (void)snprintf(ret_fault->name, sizeof(ret_fault->name), "U+%04X",
                                               c);
                }
                if (why)
                        return false;
                i += n;
        }
        return true;
}
