#pragma once

/* Colours the output on a terminal, unless NO_COLOR is set (no-color.org). */

#define PAINT_END "\033[0m"

/* Returns the escape sequence for a cell of a table with this text, so that a word has the same
 * colour everywhere. NULL: no colour. */
const char *paint_of(const char *cell);
