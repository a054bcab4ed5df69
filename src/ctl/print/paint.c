#include "ctl/print/paint.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/macros.h"

#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define RED    "\033[31m"

static bool has_colours(void)
{
        const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

        return isatty(STDOUT_FILENO) && !(none && none[0]) && term && !streq(term, "dumb");
}

static const struct {
        const char *word, *colour;
} words[] = {
        { "deployed", GREEN },   { "ready", GREEN },       { "upgrade", GREEN },
        { "promoting", YELLOW }, { "draft", YELLOW },      { "deprecated", YELLOW },
        { "on hold", YELLOW },   { "downgrade", RED },     { "failed", RED },
        { "Unreachable", RED },  { "Unresolved", YELLOW }, { "TagMoved", RED },
        { "DigestGone", RED },   { "PlatformGone", RED },  { "SpecInvalid", RED },
        { "NotBelieved", RED },  { "Denied", RED },        { "NotFound", RED },
        { "Internal", RED },     { "PruneHeld", YELLOW },
};

const char *paint_of(const char *cell)
{
        if (!has_colours())
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(cell, words[i].word))
                        return words[i].colour;
        return NULL;
}
