#pragma once

/* Colours, on a terminal only, and not if NO_COLOR is set (no-color.org). */

#define PAINT_END "\033[0m"

/* Returns the escape sequence that begins a cell of a table, by its text, so that the same words
 * look the same everywhere. NULL: no colour. */
const char *paint_of(const char *cell);
