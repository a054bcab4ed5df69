#pragma once

/* Prints tables of text. In a pipe, or if wide is set, columns have their full width, with complete
 * times and digests. On a terminal the table is fitted to the width: columns of low worth are
 * dropped (fit.c has the worth of each heading), texts wrap, times are relative and digests are
 * short. */

#include <stdbool.h>

#include "base/arena.h"

#define TABLE_COLUMNS_MAX 13

typedef struct Table {
        Arena *arena;
        size_t n_columns;
        const char **cells; /* n_rows * n_columns cells; the first row is the heading */
        size_t n_rows, capacity;
        bool wide; /* drop and shorten nothing */
} Table;

/* columns: headings, NULL-ended. */
int table_init(Table *table, Arena *arena, const char *const *columns);
/* Adds a row. cells: one text for each column, borrowed until the table is printed. */
int table_add(Table *table, const char *const *cells);
void table_print(Table *table);
void table_done(Table *table);
