#pragma once

/* Guesses rules from the tags of a repository: finds the styles of the tags and proposes a
 * Component. Then explains which versions this Component would read, so that a user can detect a
 * wrong guess. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "model/component.h"
#include "version/explain.h"

typedef struct GuessStyle {
        const char *name; /* shown to users, such as "calver with a counter (YYYY.0M.MICRO)" */
        size_t n;         /* number of tags */
        const char *example;
        bool is_chosen; /* the rules of the Component read these tags */
} GuessStyle;

typedef struct Guess {
        GuessStyle *styles; /* the most frequent first */
        size_t n_styles;
        ComponentSpec component; /* its metadata has only a name and the default tenant */
        Explanation chosen;      /* the versions and heads that the rules of `component` give */
        size_t n_unread;
} Guess;

/* Proposes a Component for a repository and its tags. The last part of the repository becomes the
 * name of the Component. *ret is allocated from the arena, and borrows repository and tags. Invalid
 * tags are only counted in n_unread. ERROR_INVALID: no tag is valid. */
int guess_tags(const char *repository, const Strings *tags, Arena *arena, Guess *ret, Error *err);

/* Makes the channel of a tag the default channel, if the rules read the tag as a release. Callers
 * pass the tag of a deployed image, so that its variant becomes the default. */
int guess_prefer(ComponentSpec *component, const char *tag, Arena *arena, Error *err);

/* Proposes a Component for an image of which only one tag is known. The Component reads this tag
 * and tags of the same form. */
int guess_tag(const char *repository, const char *tag, Arena *arena, ComponentSpec *ret,
              Error *err);
