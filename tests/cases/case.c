#include <string.h>

#include "cases.h"

const char *case_parameter(const Case *c, const char *name)
{
        const char *at = c->parameters;
        size_t size = strlen(name);

        while (*at) {
                const char *end = strstr(at, " ;; ");

                if (!end)
                        end = at + strlen(at);
                if (strncmp(at, name, size) == 0 && at[size] == '=')
                        return arena_strndup(c->arena, at + size + 1,
                                             (size_t)(end - at) - size - 1);
                at = *end ? end + 4 : end;
        }
        return NULL;
}

Strings case_words(const Case *c, const char *text)
{
        Strings words = { .items = arena_alloc_array(c->arena, strlen(text) + 1, sizeof(char *)) };

        if (streq(text, "(none)"))
                return words;
        while (*text) {
                size_t size = strcspn(text, " ");

                if (size > 0)
                        words.items[words.n++] = arena_strndup(c->arena, text, size);
                text += size + (text[size] == ' ');
        }
        return words;
}

const char *case_left(const Case *c)
{
        const char *end = strstr(c->input, " ;; ");
        const char *left =
                end ? arena_strndup(c->arena, c->input, (size_t)(end - c->input)) : c->input;

        return streq(left, "(empty)") ? "" : left;
}

const char *case_right(const Case *c)
{
        const char *end = strstr(c->input, " ;; ");

        return end ? end + 4 : "";
}

Verdict case_is(Case *c, const char *got)
{
        c->got = got;
        return streq(got, c->expected) ? CASE_PASSED : CASE_FAILED;
}

Verdict case_other(Case *c, const char *why)
{
        c->got = why;
        return CASE_OTHER;
}
