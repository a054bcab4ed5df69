#include "ctl/print/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/macros.h"
#include "base/time.h"
#include "base/vec.h"
#include "ctl/print/fit.h"
#include "ctl/print/paint.h"

/* number of bytes of a digest that are shown on a terminal: sha256: and 12 digits */
#define DIGEST_SHOWN 19

int table_init(Table *table, Arena *arena, const char *const *columns)
{
        *table = (Table){ .arena = arena };
        while (columns[table->n_columns])
                table->n_columns++;
        return table_add(table, columns);
}

int table_add(Table *table, const char *const *cells)
{
        size_t at = table->n_rows * table->n_columns;

        if (vec_reserve(&table->cells, &table->capacity, at + table->n_columns,
                        sizeof(*table->cells)) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < table->n_columns; i++)
                table->cells[at + i] = cells[i] && cells[i][0] ? cells[i] : "-";
        table->n_rows++;
        return 0;
}

/* --- a terminal ------------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
        struct winsize size;

        if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                return 0;
        return size.ws_col;
}

/* Converts a time to a relative time, and shortens a digest. Returns other text unchanged. */
static const char *shorten(const char *cell, usec_t now, Arena *arena)
{
        char ago[FIT_AGO_SIZE];
        const char *text = NULL;
        usec_t at;

        if (strlen(cell) >= TIME_TEXT_SIZE - 1 && time_parse(cell, &at) >= 0)
                text = arena_strdup(arena, fit_ago(at, now, ago));
        else if (digest_is_valid(cell))
                text = arena_strndup(arena, cell, DIGEST_SHOWN);
        return text ? text : cell;
}

/* --- printing --------------------------------------------------------------------------------- */

/* Returns how many bytes of the cell fit into this line. Sets *ret_rest to the remaining text. */
static size_t piece_of(const char *cell, const FitColumn *column, bool *ret_cut,
                       const char **ret_rest)
{
        size_t size = strlen(cell), next = size;

        *ret_cut = fit_width(cell, size) > column->width && !column->wraps;
        if (*ret_cut)
                size = fit_bytes(cell, column->width - 1);
        else if (column->wraps)
                size = fit_line(cell, column->width, &next);
        *ret_rest = cell + next;
        return size;
}

/* Prints one line of a row, and sets the cells to the remaining text. Returns true if there is
 * any. */
static bool print_line(const FitColumn *columns, const char **cells, size_t n, bool is_heading)
{
        size_t padding = 0;
        bool has_more = false, cut;

        for (size_t i = 0; i < n; i++) {
                const char *cell = cells[i], *paint = is_heading ? NULL : paint_of(cell);
                size_t size;

                if (columns[i].width == 0)
                        continue;
                size = piece_of(cell, &columns[i], &cut, &cells[i]);
                if (size > 0)
                        printf("%*s%s%.*s%s%s", (int)padding, "", paint ? paint : "", (int)size,
                               cell, cut ? "\xE2\x80\xA6" : "", paint ? PAINT_END : "");
                padding = (size > 0 ? 0 : padding) + columns[i].width + FIT_GAP -
                          fit_width(cell, size) - cut;
                has_more = has_more || cells[i][0];
        }
        printf("\n");
        return has_more;
}

/* Prints a message below its row, without cutting it. */
static void print_below(const char *text, size_t width)
{
        size_t size, next;

        for (; *text; text += next) {
                size = fit_line(text, MAX(width, FIT_BELOW + FIT_LEAST) - FIT_BELOW, &next);
                printf("%*s%.*s\n", FIT_BELOW, "", (int)size, text);
        }
}

static void print_row(const Table *table, const FitColumn *columns, size_t row, size_t width)
{
        const char *cells[TABLE_COLUMNS_MAX];
        size_t last = table->n_columns - 1;
        const char *text;

        memcpy(cells, table->cells + row * table->n_columns, table->n_columns * sizeof(*cells));
        if (columns[last].below)
                cells[last] = "";
        while (print_line(columns, cells, table->n_columns, row == 0))
                ;
        text = table->cells[row * table->n_columns + last];
        if (columns[last].below && row > 0 && !streq(text, "-"))
                print_below(text, width);
}

void table_print(Table *table)
{
        FitColumn columns[TABLE_COLUMNS_MAX] = { 0 };
        size_t width = table->wide ? 0 : terminal_width(), n = table->n_columns;
        usec_t now = time_wall();

        for (size_t i = 0; i < table->n_rows * n; i++) {
                FitColumn *column = &columns[i % n];
                const char **cell = &table->cells[i];

                if (width > 0)
                        *cell = shorten(*cell, now, table->arena);
                if (i < n)
                        column->heading = *cell;
                column->width = MAX(column->width, fit_width(*cell, strlen(*cell)));
        }
        fit_columns(columns, n, width);
        for (size_t row = 0; row < table->n_rows; row++)
                print_row(table, columns, row, width);
}

void table_done(Table *table)
{
        free(table->cells);
}
