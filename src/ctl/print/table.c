#include "ctl/print/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/vec.h"
#include "ctl/print/paint.h"

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

#define GAP          2
#define COLUMN_LEAST 8 /* a column is not made narrower than this */

/* In columns, as far as one a code point is true. */
static size_t width_of(const char *text)
{
        size_t n = 0;

        for (; *text; text++)
                n += ((unsigned char)*text & 0xC0U) != 0x80U;
        return n;
}

/* How many bytes the first width columns take. */
static size_t bytes_of(const char *text, size_t width)
{
        size_t size = 0;

        while (text[size] && (width > 0 || ((unsigned char)text[size] & 0xC0U) == 0x80U))
                width -= ((unsigned char)text[size++] & 0xC0U) != 0x80U;
        return size;
}

static size_t terminal_width(void)
{
        struct winsize size;

        if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                return 0;
        return size.ws_col;
}

/* The widest column gives way until all fits, or nothing more can. */
static void fit(size_t *widths, size_t n, size_t width)
{
        for (;;) {
                size_t total = GAP * (n - 1), widest = 0;

                for (size_t i = 0; i < n; i++) {
                        total += widths[i];
                        if (widths[i] > widths[widest])
                                widest = i;
                }
                if (total <= width || widths[widest] <= COLUMN_LEAST)
                        return;
                widths[widest] -= MIN(total - width, widths[widest] - COLUMN_LEAST);
        }
}

/* --- printing --------------------------------------------------------------------------------- */

static void print_cell(const char *cell, size_t width, bool is_last, bool is_heading)
{
        const char *paint = is_heading ? NULL : paint_of(cell);
        size_t size = width_of(cell);

        if (paint)
                (void)fputs(paint, stdout); /* main() looks for write errors */
        if (size <= width)
                (void)fputs(cell, stdout); /* main() looks for write errors */
        else
                printf("%.*s\xE2\x80\xA6", (int)bytes_of(cell, width - 1), cell);
        if (paint)
                (void)fputs(PAINT_END, stdout); /* main() looks for write errors */
        if (is_last)
                printf("\n");
        else
                printf("%*s", (int)(width - MIN(size, width) + GAP), "");
}

void table_print(const Table *table)
{
        size_t widths[TABLE_COLUMNS_MAX] = { 0 }, width = terminal_width();

        for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
                widths[i % table->n_columns] =
                        MAX(widths[i % table->n_columns], width_of(table->cells[i]));
        if (width > 0 && !table->wide)
                fit(widths, table->n_columns, width);
        for (size_t row = 0; row < table->n_rows; row++)
                for (size_t column = 0; column < table->n_columns; column++)
                        print_cell(table->cells[row * table->n_columns + column], widths[column],
                                   column + 1 == table->n_columns, row == 0);
}

void table_done(Table *table)
{
        free(table->cells);
}
