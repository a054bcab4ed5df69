#pragma once

/* Guesses, from the tags of a repository, the rules that read them: the styles that the tags have,
 * and a Component. What the Component would choose is the answer of the code that relmand uses, so
 * that a wrong guess shows. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "model/component.h"
#include "version/explain.h"

typedef struct GuessStyle {
        const char *name; /* "calver with a counter (YYYY.0M.MICRO)" */
        size_t n;         /* number of tags */
        const char *example;
        bool is_chosen; /* the rules of the Component read these tags */
} GuessStyle;

typedef struct Guess {
        GuessStyle *styles; /* the most frequent first */
        size_t n_styles;
        ComponentSpec component; /* its metadata has only a name */
        Explanation chosen;      /* the versions that it makes of the tags */
        size_t n_unread;
} Guess;

/* repository: of the Component; its last part is the name. Everything lives in the arena, and in
 * tags. Texts that are no tags of a registry are counted, but not read. Fails with ERROR_INVALID
 * if there is no tag. */
int guess_tags(const char *repository, const Strings *tags, Arena *arena, Guess *ret, Error *err);

/* Makes the channel of the tag in use the default one, if the rules read it as a release: it is the
 * variant that is deployed. */
int guess_prefer(ComponentSpec *component, const char *tag, Arena *arena, Error *err);

/* Proposes a Component for an image whose tags are not known: it reads the one tag in use, and tags
 * of the same form. */
int guess_tag(const char *repository, const char *tag, Arena *arena, ComponentSpec *ret,
              Error *err);
