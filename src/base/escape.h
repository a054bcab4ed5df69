#pragma once

/* Escapes outside text, so that no terminal, log or message gets it raw. */

#include <stddef.h>

#include "base/arena.h"

/* Writes text with control characters, DEL, invalid UTF-8, bidirectional overrides as
 * \n \t \xHH or \u{H}, cut with "..." so that it fits. ret_text is always NUL-ended. Returns
 * ret_text. */
const char *escape_text(const char *text, size_t size, char *ret_text, size_t ret_size);

/* The same, uncut, from an arena; NULL when memory ran out. */
const char *escape_dup(Arena *arena, const char *text, size_t size);

/* Escapes the first character of text only. Returns how many bytes it has. */
#define ESCAPED_MAX 16
size_t escape_one(const char *text, size_t size, char ret[ESCAPED_MAX]);
