#include "lock/yaml-text.h"

#include <ctype.h>
#include <string.h>

/* Digits with at least two dots: a version, and no reader takes it for a number or a date. */
static bool is_dotted(const char *text)
{
        size_t n_dots = 0, size = strspn(text, "0123456789.");

        for (size_t i = 0; i < size; i++)
                n_dots += text[i] == '.';
        return n_dots >= 2 && text[0] != '.' &&
               strspn(text, "0123456789.-+abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

/* An id or commit: hexadecimal digits and hyphens, with a letter that no number has. */
static bool is_hex(const char *text)
{
        return strspn(text, "0123456789abcdef-") == strlen(text) && strpbrk(text, "abcdf") &&
               text[0] != '-' && strncmp(text, "0b", 2) != 0;
}

/* True if every YAML 1.1 and 1.2 reader takes it for text as it stands: begins with a letter, has
 * none of YAML's own characters, and is no word that means something. */
static bool is_plain(const char *text)
{
        static const char *const words[] = { "true", "false", "yes", "no",  "on", "off",
                                             "null", "y",     "n",   "nan", "inf" };
        size_t size = strlen(text);

        if (is_dotted(text) || is_hex(text))
                return true;
        if (size == 0 || !isalpha((unsigned char)text[0]) || text[size - 1] == ' ')
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return false;
        for (const char *p = text; *p; p++) {
                if (!isalnum((unsigned char)*p) && !strchr("._-/+ @:", *p))
                        return false;
                if (*p == ':' && (p[1] == ' ' || p[1] == '\0'))
                        return false;
        }
        return true;
}

/* Plain, or in single quotes; in double quotes if a control character must be written. */
void yaml_text(Buffer *out, const char *text)
{
        if (is_plain(text)) {
                (void)buffer_puts(out, text);
                return;
        }
        for (const char *p = text; *p; p++)
                if ((unsigned char)*p < 0x20 || *p == 0x7f) {
                        (void)buffer_putc(out, '"');
                        for (p = text; *p; p++)
                                (void)((unsigned char)*p < 0x20 || *p == 0x7f
                                               ? buffer_printf(out, "\\x%02X",
                                                               (unsigned)(unsigned char)*p)
                                       : *p == '"' || *p == '\\' ? buffer_printf(out, "\\%c", *p)
                                                                 : buffer_putc(out, *p));
                        (void)buffer_putc(out, '"');
                        return;
                }
        (void)buffer_putc(out, '\'');
        for (const char *p = text; *p; p++)
                (void)(*p == '\'' ? buffer_puts(out, "''") : buffer_putc(out, *p));
        (void)buffer_putc(out, '\'');
}
