#include "lock/yaml-text.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* True for a version that begins with digits and at least two dots. YAML parsers read such a text
 * neither as a number nor as a date. */
static bool is_dotted(const char *text)
{
        size_t n_dots = 0, size = strspn(text, "0123456789.");

        for (size_t i = 0; i < size; i++)
                n_dots += text[i] == '.';
        return n_dots >= 2 && text[0] != '.' &&
               strspn(text, "0123456789.-+abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

/* True for an id or commit: hexadecimal digits and hyphens, with at least one letter that no
 * decimal number has. */
static bool is_hex(const char *text)
{
        return strspn(text, "0123456789abcdef-") == strlen(text) && strpbrk(text, "abcdf") &&
               text[0] != '-' && strncmp(text, "0b", 2) != 0;
}

/* True if YAML 1.1 and 1.2 parsers read the text as a string without quotes. Such a text begins
 * with a letter, has no special characters of YAML, and is not a reserved word. is_dotted() and
 * is_hex() accept versions and commits. */
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

/* True for characters that are not printable or break lines in YAML 1.1 or 1.2, and for the byte
 * order mark, which libyaml refuses. Such characters need escapes, which only double quotes allow.
 */
static bool needs_escape(uint32_t c)
{
        return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
               c == 0xfffe || c == 0xffff;
}

static void put_double_quoted(Buffer *out, const char *text)
{
        uint32_t c;
        size_t n;

        (void)buffer_putc(out, '"');
        for (const char *p = text; *p; p += n) {
                n = utf8_decode(p, strnlen(p, 4), &c);
                if (n == 0) { /* not UTF-8, although lock_check() refuses such texts */
                        n = 1;
                        c = 0xfffd;
                }
                if (needs_escape(c))
                        (void)buffer_printf(out, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c);
                else if (c == '"' || c == '\\')
                        (void)buffer_printf(out, "\\%c", (char)c);
                else
                        (void)buffer_append(out, p, n);
        }
        (void)buffer_putc(out, '"');
}

void yaml_quoted(Buffer *out, const char *text)
{
        uint32_t c;
        size_t n;

        for (const char *p = text; *p; p += n) {
                n = utf8_decode(p, strnlen(p, 4), &c);
                if (n == 0 || needs_escape(c)) {
                        put_double_quoted(out, text);
                        return;
                }
        }
        (void)buffer_putc(out, '\'');
        for (const char *p = text; *p; p++)
                (void)(*p == '\'' ? buffer_puts(out, "''") : buffer_putc(out, *p));
        (void)buffer_putc(out, '\'');
}

void yaml_text(Buffer *out, const char *text)
{
        if (is_plain(text))
                (void)buffer_puts(out, text);
        else
                yaml_quoted(out, text);
}

void yaml_image(Buffer *out, const char *repository, const char *tag, const char *digest)
{
        _cleanup_(buffer_done) Buffer image;

        /* An image with a host and a digest is never read as a number or date. It needs quotes only
         * if it begins with a special character: the bracket of an IPv6 address would begin a
         * list. */
        buffer_init(&image, LOCK_FILE_MAX);
        (void)buffer_printf(&image, "%s%s%s@%s", repository, tag ? ":" : "", tag ? tag : "",
                            digest);
        if (isalnum((unsigned char)image.data[0]))
                (void)buffer_puts(out, image.data);
        else
                yaml_quoted(out, image.data);
        (void)buffer_putc(out, '\n');
        if (image.failed && !out->failed)
                out->failed = image.failed;
}
