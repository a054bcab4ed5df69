#pragma once

/* How a rule extracts the version text from a match: a group number, a group name, or a template
 * such as $1.$2.$3, $name, ${name}; ${name:+text} is the text if the group matched something; $$ is
 * a dollar. Private to version. */

#include "base/arena.h"
#include "base/error.h"
#include "version/regex.h"

typedef struct ExtractPiece {
        const char *literal; /* NULL: a group */
        size_t size;
        unsigned group;
        bool is_conditional; /* the literal stands only if the group matched something */
} ExtractPiece;

typedef struct Extract {
        ExtractPiece *pieces;
        size_t n_pieces;
        unsigned max_group; /* spans 0 to max_group must be asked for */
} Extract;

/* text NULL: group "version", else group 1, else the complete match. *ret lives in the arena. */
int extract_compile(const char *text, const Regex *regex, Arena *arena, Extract *ret, Error *err);

typedef struct Extracted { /* data NULL: the group did not match */
        const char *data;
        size_t size;
} Extracted;

/* Returns 0, -ENOMEM, or -E2BIG for more than TEXT_MAX bytes. In a template, a group that did not
 * match is empty. */
int extract_apply(const Extract *extract, const char *subject, const RegexSpan *spans, Arena *arena,
                  Extracted *ret);
