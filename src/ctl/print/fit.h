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
        size_t width; /* width that the column needs; fit_columns() sets the final one. 0: the
                         column is not shown */
        bool wraps;   /* long texts continue in the next line; others are cut */
        bool below;   /* its texts are printed below the row */
} FitColumn;

/* Makes the columns fit into width: drops the columns of the lowest worth, then wraps texts,
 * then moves a last message below its row, then narrows the widest columns. width 0: no limit. */
void fit_columns(FitColumn *columns, size_t n, size_t width);

/* Returns the width of the first size bytes in columns, one for each code point. */
size_t fit_width(const char *text, size_t size);
/* Returns how many bytes fit into the first width columns. */
size_t fit_bytes(const char *text, size_t width);
/* Returns how many bytes of text fit into a line of that width. *ret_next: where the next line
 * begins. Breaks after a comma and at a space; within a word only if the word is wider than the
 * line. */
size_t fit_line(const char *text, size_t width, size_t *ret_next);

/* Formats a time as "3 min ago" or "in 5 h"; as a date if it is a month away or more. */
#define FIT_AGO_SIZE 32
const char *fit_ago(usec_t at, usec_t now, char ret[FIT_AGO_SIZE]);
