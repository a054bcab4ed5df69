#pragma once

/* Columns of text. In a pipe, and if wide, they are as wide as they must be, with times and digests
 * complete. On a terminal they are no wider than that: columns of less worth are dropped (table.c
 * has the worth of each heading), texts wrap, times are relative and digests short. */

#include <stdbool.h>

#include "base/arena.h"

#define TABLE_COLUMNS_MAX 9

typedef struct Table {
        Arena *arena;
        size_t n_columns;
        const char **cells; /* n_rows * n_columns; the first row is the heading */
        size_t n_rows, capacity;
        bool wide; /* nothing is dropped or shortened */
} Table;

/* columns: headings, NULL-ended. */
int table_init(Table *table, Arena *arena, const char *const *columns);
/* cells: as many as columns; borrowed until the table is printed. */
int table_add(Table *table, const char *const *cells);
void table_print(Table *table);
void table_done(Table *table);
