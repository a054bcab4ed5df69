#include "base/utf8.h"
#include "fuzz.h"
#include "read-internal.h"

/* True for characters that some reader treats as a line end. Python's splitlines() treats all of
 * them as line ends. */
static bool ends_line(uint32_t c)
{
        return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
               c == 0x2029;
}

/* Returns the next line that is not a comment, without its line end; NULL at the end of the
 * file. */
static char *next_line(const Expected *expected, const char **text)
{
        while (**text) {
                size_t size = 0, n;
                uint32_t c;
                char *line;

                for (;; size += n) {
                        n = utf8_decode(*text + size, strnlen(*text + size, 4), &c);
                        require(n > 0 && c != 0);
                        if (ends_line(c))
                                break;
                }
                require(c == '\n');
                line = arena_strndup(expected->arena, *text, size);
                require(line != NULL);
                *text += size + 1;
                if (line[0] != '#')
                        return line;
        }
        return NULL;
}

/* Returns the text of a value. Requires a form that shells, systemd and compose read in the same
 * way: text in single quotes, or text without special characters. */
static const char *unquoted(char *value)
{
        size_t size = strlen(value);

        if (value[0] != '\'') {
                require(!strpbrk(value, " \t'\"\\$`#;&|<>()*?[]{}~!%="));
                return value;
        }
        require(size >= 2 && value[size - 1] == '\'');
        value[size - 1] = '\0';
        require(!strpbrk(value + 1, "'\\"));
        return value + 1;
}

static void expect_variable(const Expected *expected, const char **text, const char *suffix,
                            const char *value)
{
        char *line, *equals;

        if (!value)
                return;
        line = next_line(expected, text);
        equals = line ? strchr(line, '=') : NULL;
        require(equals && (size_t)(equals - line) > strlen(suffix));
        *equals = '\0';
        require(strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(line));
        require(streq(equals - strlen(suffix), suffix));
        require(streq(unquoted(equals + 1), value));
}

void read_dotenv(const Expected *expected, const LockFiles *files)
{
        const ReleaseComponents *components = &expected->lock->release.components;
        const char *text = files->items[0].data;

        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];

                expect_variable(expected, &text, "_IMAGE", image_text(expected, component, false));
                expect_variable(expected, &text, "_DIGEST", component->digest);
                expect_variable(expected, &text, "_TAG", component->tag);
                expect_variable(expected, &text, "_VERSION", component->semver);
        }
        require(!next_line(expected, &text));
}

void read_quadlet(const Expected *expected, const LockFiles *files)
{
        const ReleaseComponents *components = &expected->lock->release.components;

        require(files->n == components->n);
        for (size_t i = 0; i < files->n; i++) {
                const char *text = files->items[i].data, *line;
                const char *image = image_text(expected, &components->items[i], false);

                line = next_line(expected, &text);
                require(line && streq(line, "[Container]"));
                line = next_line(expected, &text);
                require(line && strncmp(line, "Image=", 6) == 0 && streq(line + 6, image));
                /* systemd would expand these characters or end the text there */
                require(!strpbrk(image, " \t%$\\\"'"));
                require(!next_line(expected, &text));
        }
}
