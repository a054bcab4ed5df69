#pragma once

/* Extracts the version text from a match, by a group number, a group name, or a template such as
 * $1.$2.$3, $name or ${name}. ${name:+text} is text if the group matched at least one character,
 * else empty. $$ is a dollar sign. Private to this folder. */

#include "base/arena.h"
#include "base/error.h"
#include "version/regex.h"

typedef struct ExtractPiece {
        const char *literal; /* NULL: a group */
        size_t size;
        unsigned group;
        /* the literal is used only if the group matched at least one character */
        bool is_conditional;
} ExtractPiece;

typedef struct Extract {
        ExtractPiece *pieces;
        size_t n_pieces;
        unsigned max_group; /* spans 0 to max_group must be requested from regex_match() */
} Extract;

/* Compiles semverExtract. text NULL: the group "version", else group 1, else the complete match.
 * Returns 0, ERROR_INVALID for an invalid text, or -ENOMEM. *ret is allocated from the arena. */
int extract_compile(const char *text, const Regex *regex, Arena *arena, Extract *ret, Error *err);

typedef struct Extracted { /* data NULL: the group did not match */
        const char *data;
        size_t size;
} Extracted;

/* Extracts the text of a match. In a template, a group that did not match is empty. Returns 0,
 * -ENOMEM, or -E2BIG if a template gives more than TEXT_MAX bytes. *ret borrows from subject or
 * *extract, or is allocated from the arena. */
int extract_apply(const Extract *extract, const char *subject, const RegexSpan *spans, Arena *arena,
                  Extracted *ret);
