/* Suggests a word for one that is misspelt, or that other tools use. */

#include <errno.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "ctl/ctl.h"

#define LISTED_MAX 16

/* A word of kubectl, gh, systemctl or git, and the word of relmanctl for the same thing. */
typedef struct Habit {
        const char *word, *here;
} Habit;

static const Habit verb_habits[] = {
        { "check", "lint" },       { "continue", "resume" }, { "delete", "archive" },
        { "deploy", "promote" },   { "diff", "compare" },    { "downgrade", "promote" },
        { "export", "lock" },      { "fail", "confirm" },    { "info", "describe" },
        { "inspect", "describe" }, { "list", "get" },        { "log", "events" },
        { "login", "token" },      { "logs", "events" },     { "ls", "get" },
        { "pause", "hold" },       { "poll", "sync" },       { "pull", "sync" },
        { "refresh", "sync" },     { "revert", "rollback" }, { "rollout", "promote" },
        { "search", "get" },       { "show", "describe" },   { "undo", "rollback" },
        { "unhold", "resume" },    { "unpause", "resume" },  { "upgrade", "promote" },
        { "validate", "lint" },    { "view", "describe" },
};

static const Habit option_habits[] = {
        { "A", "all-tenants" },    { "all-namespaces", "all-tenants" },
        { "f", "follow" },         { "l", "label" },
        { "limit", "page-size" },  { "n", "tenant" },
        { "namespace", "tenant" }, { "selector", "label" },
        { "tail", "limit" },       { "w", "watch" },
};

static const char *here(const Habit *habits, size_t n, const char *word)
{
        for (size_t i = 0; i < n; i++)
                if (streq(habits[i].word, word))
                        return habits[i].here;
        return NULL;
}

const char *ctl_habit_option(const char *word, const char *const *candidates, size_t n)
{
        const char *option = here(option_habits, ARRAY_SIZE(option_habits), word);

        for (size_t i = 0; option && i < n; i++)
                if (streq(candidates[i], option))
                        return option;
        return NULL;
}

/* Finds the kind that the word names; NULL: none. */
static const CtlKind *kind_of(const char *word)
{
        for (size_t i = 0; i < CTL_N_KINDS; i++)
                if (streq(word, ctl_kinds[i].one) || streq(word, ctl_kinds[i].many))
                        return &ctl_kinds[i];
        return NULL;
}

int ctl_unknown_verb(const char *word, const char *const *candidates, size_t n, Error *err)
{
        const char *verb = here(verb_habits, ARRAY_SIZE(verb_habits), word);
        const CtlKind *kind = kind_of(word);

        if (verb || kind)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "unknown verb '%s'; did you mean '%s%s'? see relmanctl help %s",
                                 word, verb ? verb : "get ", verb ? "" : kind->many,
                                 verb ? verb : "get");
        return ctl_unknown("verb", word, candidates, n, err);
}

int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err)
{
        const char *nearest = suggest_nearest(word, candidates, n);
        _cleanup_(buffer_done) Buffer all;

        buffer_init(&all, 4096);
        if (!nearest && n <= LISTED_MAX) { /* lists the candidates if they are few */
                for (size_t i = 0; i < n; i++)
                        (void)buffer_printf(&all, "%s%s", i > 0 ? ", " : "", candidates[i]);
                return all.failed
                               ? error_oom(err)
                               : error_set(err, ERROR_INVALID, -EINVAL,
                                           "unknown %s '%s'; there are: %s", what, word, all.data);
        }
        return error_set(err, ERROR_INVALID, -EINVAL, "unknown %s '%s'; %s%s%ssee relmanctl help",
                         what, word, nearest ? "did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'? " : "");
}
