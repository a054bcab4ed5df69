#include "registry/wire/scope.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

#define SCOPE_TYPE "repository:"

typedef struct ScopeActions {
        bool pull, metadata_read;
} ScopeActions;

static bool scope_word_is(const char *word, size_t size, const char *text)
{
        return size == strlen(text) && memcmp(word, text, size) == 0;
}

/* Reads a list of actions, such as "pull,push". */
static void scope_read_actions(const char *text, size_t size, ScopeActions *actions)
{
        const char *end = text + size;

        while (text < end) {
                const char *comma = memchr(text, ',', (size_t)(end - text));
                size_t length = comma ? (size_t)(comma - text) : (size_t)(end - text);

                actions->pull = actions->pull || scope_word_is(text, length, "pull") ||
                                scope_word_is(text, length, "*");
                actions->metadata_read =
                        actions->metadata_read || scope_word_is(text, length, "metadata_read");
                text += length + 1;
        }
}

/* Reads "repository:NAME:pull,push"; ignores other types and names. */
static void scope_read_one(const char *text, size_t size, const char *repository,
                           ScopeActions *actions)
{
        size_t type = strlen(SCOPE_TYPE), name = strlen(repository);

        if (size <= type + name || memcmp(text, SCOPE_TYPE, type) != 0 ||
            memcmp(text + type, repository, name) != 0 || text[type + name] != ':')
                return;
        scope_read_actions(text + type + name + 1, size - type - name - 1, actions);
}

char *scope_pull(const char *repository)
{
        return text_printf(SCOPE_TYPE "%s:pull", repository);
}

char *scope_accept(const char *repository, const char *offered)
{
        ScopeActions actions = { 0 };

        if (!offered || strlen(offered) > SCOPE_MAX)
                return scope_pull(repository);
        for (const char *p = offered; *p;) {
                size_t size = strcspn(p, " ");

                scope_read_one(p, size, repository, &actions);
                p += size;
                p += strspn(p, " ");
        }
        if (!actions.metadata_read)
                return scope_pull(repository);
        return text_printf(SCOPE_TYPE "%s:metadata_read%s", repository,
                           actions.pull ? ",pull" : "");
}
