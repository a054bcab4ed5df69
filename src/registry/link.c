#include "registry/link.h"

#include <stdbool.h>
#include <strings.h>

/* The end of a link's parameters: the next comma outside quotes. */
static const char *link_end(const char *p)
{
        bool quoted = false;

        for (; *p; p++) {
                if (*p == '\\' && quoted && p[1])
                        p++;
                else if (*p == '"')
                        quoted = !quoted;
                else if (*p == ',' && !quoted)
                        break;
        }
        return p;
}

static bool is_word(const char *text, size_t size, const char *word)
{
        return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

/* rel=next, rel="next", rel="prev next", REL=Next. */
static bool is_next(const char *p, const char *end)
{
        while (p < end) {
                size_t name, value;

                p += strspn(p, "; \t");
                name = strcspn(p, "=;, \t");
                if (p + name >= end)
                        return false;
                if (!is_word(p, name, "rel")) {
                        p += name + strcspn(p + name, ";");
                        continue;
                }
                p += name + strspn(p + name, " \t=\"");
                for (; p < end && *p != ';'; p += value + strspn(p + value, " \t\"")) {
                        value = strcspn(p, " \t\";,");
                        if (is_word(p, value, "next"))
                                return true;
                        if (value == 0)
                                break;
                }
                return false;
        }
        return false;
}

const char *link_next(const char *header, Arena *arena)
{
        for (const char *p = header; *p;) {
                const char *close, *end;

                p += strspn(p, ", \t");
                close = *p == '<' ? strchr(p, '>') : NULL;
                if (!close)
                        return NULL;
                end = link_end(close);
                if (is_next(close + 1, end))
                        return close > p + 1 ? arena_strndup(arena, p + 1, (size_t)(close - p - 1))
                                             : NULL;
                p = end;
        }
        return NULL;
}

const char *query_value(const char *query, const char *name, Arena *arena)
{
        size_t size = strlen(name);

        for (const char *p = query; p && *p; p += strspn(p, "&")) {
                size_t n = strcspn(p, "&");

                if (n > size && p[size] == '=' && strncmp(p, name, size) == 0)
                        return arena_strndup(arena, p + size + 1, n - size - 1);
                p += n;
        }
        return NULL;
}
