#include "registry/wire/link-header.h"

#include <errno.h>
#include <strings.h>

#define QUERY_CHARS                                                                                \
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%"

typedef struct LinkText {
        const char *data;
        size_t size;
} LinkText;

static const char *link_skip_blanks(const char *p)
{
        return p + strspn(p, " \t");
}

/* Reads the target of a link: <URI>. Without brackets, the target ends before a semicolon, comma or
 * blank. Returns false if there is none. */
static bool link_read_target(const char **at, LinkText *ret)
{
        const char *p = *at, *close;

        if (*p != '<') {
                *ret = (LinkText){ p, strcspn(p, ";, \t<>\"") };
                *at = p + ret->size;
                return ret->size > 0;
        }
        close = strchr(p, '>');
        if (!close)
                return false;
        *ret = (LinkText){ p + 1, (size_t)(close - p - 1) };
        *at = close + 1;
        return true;
}

/* Reads a token or a quoted text, without removing escapes. */
static LinkText link_read_value(const char **at)
{
        const char *p = *at, quote = *p;
        LinkText value;

        if (quote != '"' && quote != '\'') {
                value = (LinkText){ p, strcspn(p, ";, \t") };
                *at = p + value.size;
                return value;
        }
        for (p++; *p && *p != quote; p++)
                if (*p == '\\' && p[1])
                        p++;
        value = (LinkText){ *at + 1, (size_t)(p - *at - 1) };
        *at = p + (*p == quote);
        return value;
}

static bool link_text_is(LinkText text, const char *word)
{
        return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

/* True if a list of words, such as "prev next", contains a word. */
static bool link_has_word(LinkText list, const char *word)
{
        const char *end = list.data + list.size;

        for (const char *p = list.data; p < end; p++) {
                const char *start = p;

                while (p < end && *p != ' ' && *p != '\t')
                        p++;
                if (link_text_is((LinkText){ start, (size_t)(p - start) }, word))
                        return true;
        }
        return false;
}

/* Reads the parameters of a link (";name=value;name") up to the comma after it. Sets *ret_rel to
 * the first rel; its data is NULL if there is none. Returns false after a syntax error. */
static bool link_read_parameters(const char **at, LinkText *ret_rel)
{
        const char *p = link_skip_blanks(*at);

        *ret_rel = (LinkText){ 0 };
        while (*p == ';') {
                LinkText name, value = { "", 0 };

                p = link_skip_blanks(p + 1);
                name = (LinkText){ p, strcspn(p, "=;, \t") };
                p = link_skip_blanks(p + name.size);
                if (*p == '=') {
                        p = link_skip_blanks(p + 1);
                        value = link_read_value(&p);
                        p = link_skip_blanks(p);
                }
                if (!ret_rel->data && link_text_is(name, "rel"))
                        *ret_rel = value;
        }
        *at = p;
        return *p == ',' || *p == '\0';
}

static int link_keep(LinkText target, Arena *arena, const char **to)
{
        if (*to || target.size == 0)
                return 0;
        *to = arena_strndup(arena, target.data, target.size);
        return *to ? 0 : -ENOMEM;
}

int link_read(const char *header, Arena *arena, LinkNext *next)
{
        const char *p = header;

        for (;;) {
                LinkText target, rel;
                int r = 0;

                p += strspn(p, ", \t");
                if (!*p)
                        return 0;
                if (!link_read_target(&p, &target) || !link_read_parameters(&p, &rel)) {
                        next->is_unreadable = true;
                        return 0;
                }
                if (!rel.data)
                        r = link_keep(target, arena, &next->unnamed);
                else if (link_has_word(rel, "next"))
                        r = link_keep(target, arena, &next->target);
                if (r < 0)
                        return r;
        }
}

const char *link_query(const char *target, Arena *arena)
{
        const char *start = strchr(target, '?');
        size_t size = start ? strcspn(start + 1, "#") : 0;

        if (size == 0 || strcspn(target, "#") < (size_t)(start - target) ||
            strspn(start + 1, QUERY_CHARS) < size)
                return NULL;
        return arena_strndup(arena, start + 1, size);
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
