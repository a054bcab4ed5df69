#pragma once

/* Computes the layout of a table on a terminal: which columns are shown, their widths, and where
 * texts break. Does no I/O. */

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

#define FIT_GAP   2 /* spaces between columns */
#define FIT_BELOW 4 /* indentation of a text below its row */
#define FIT_LEAST 8 /* no column is made narrower than this */

typedef struct FitColumn {
        const char *heading;
        size_t width; /* width that the column needs; fit_columns() sets the final width. 0: the
                         column is not shown */
        bool wraps;   /* long texts continue in the next line; without wraps they are cut */
        bool below;   /* the texts of the column are printed below the row */
} FitColumn;

/* Makes the columns fit into width. Drops the columns of the lowest worth first, and then wraps
 * texts. If that is not sufficient, moves a message in the last column below its row, and then
 * narrows the widest columns. width 0: no limit. */
void fit_columns(FitColumn *columns, size_t n, size_t width);

/* Returns the display width of the first size bytes: one column for each code point. */
size_t fit_width(const char *text, size_t size);
/* Returns how many bytes fit into the first width columns. */
size_t fit_bytes(const char *text, size_t width);
/* Returns how many bytes of text fit into a line of that width. Sets *ret_next to the offset of the
 * next line. Breaks after a comma or at a space. Breaks within a word only if the word is wider
 * than the line. */
size_t fit_line(const char *text, size_t width, size_t *ret_next);

/* Formats a time as "3 min ago" or "in 5 h", or as a date if the time is a month away or more. */
#define FIT_AGO_SIZE 32
const char *fit_ago(usec_t at, usec_t now, char ret[FIT_AGO_SIZE]);
