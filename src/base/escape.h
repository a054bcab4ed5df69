#pragma once

/* Escapes text from outside before it is written to a terminal, a log or a message. */

#include <stddef.h>

#include "base/arena.h"

/* Copies text to ret_text. Writes control characters, invalid UTF-8, line separators and
 * bidirectional controls as \n, \t, \r, \xHH or \u{H}. If the result does not fit, it is cut and
 * ends with "...". ret_text always ends with a NUL. Returns ret_text. */
const char *escape_text(const char *text, size_t size, char *ret_text, size_t ret_size);

/* Same as escape_text(), but never cuts. The result is allocated from the arena. Returns NULL if
 * memory ran out. */
const char *escape_dup(Arena *arena, const char *text, size_t size);

/* Escapes only the first character of text. Returns the size of that character in bytes; 1 for an
 * invalid byte. */
#define ESCAPED_MAX 16
size_t escape_one(const char *text, size_t size, char ret[ESCAPED_MAX]);
