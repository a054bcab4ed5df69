#pragma once

/* Layout of a table on a terminal: which columns are shown, how wide, and where texts break. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

#define FIT_GAP   2 /* between columns */
#define FIT_BELOW 4 /* indentation of a text below its row */
#define FIT_LEAST 8 /* no column is made narrower than this */

typedef struct FitColumn {
        const char *heading;
        size_t width; /* needed; what fit_columns() leaves it. 0: not shown in the row */
        bool wraps;   /* its texts go on in the next line; others are cut */
        bool below;   /* its texts stand below the row */
} FitColumn;

/* Makes the columns fit into width: drops those of less worth, then lets texts wrap, then puts a
 * last message below its row, then narrows the widest. 0: no limit. */
void fit_columns(FitColumn *columns, size_t n, size_t width);

/* Width of the first size bytes, in columns, as far as one a code point is true. */
size_t fit_width(const char *text, size_t size);
/* How many bytes the first width columns take. */
size_t fit_bytes(const char *text, size_t width);
/* How many bytes of text stand in a line of that width; *ret_next is where the next line begins.
 * Breaks after a comma and at a space, within a word only if it is wider than the line. */
size_t fit_line(const char *text, size_t width, size_t *ret_next);

/* "3 min ago", "in 5 h"; the date alone if it is a month away or more. */
#define FIT_AGO_SIZE 32
const char *fit_ago(usec_t at, usec_t now, char ret[FIT_AGO_SIZE]);
