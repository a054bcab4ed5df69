#pragma once

/* Colours, on a terminal only, and not if NO_COLOR is set (no-color.org). */

#define PAINT_END "\033[0m"

/* The sequence that begins a cell of a table: by what it says, so that the same words look the same
 * everywhere. NULL: as it is. */
const char *paint_of(const char *cell);
