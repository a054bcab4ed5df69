#include "ctl/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/vec.h"

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

void table_print(const Table *table)
{
        size_t widths[TABLE_COLUMNS_MAX] = { 0 };

        for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
                widths[i % table->n_columns] =
                        MAX(widths[i % table->n_columns], strlen(table->cells[i]));
        for (size_t row = 0; row < table->n_rows; row++)
                for (size_t column = 0; column < table->n_columns; column++) {
                        const char *cell = table->cells[row * table->n_columns + column];

                        if (column + 1 == table->n_columns)
                                printf("%s\n", cell);
                        else
                                printf("%-*s  ", (int)widths[column], cell);
                }
}

void table_done(Table *table)
{
        free(table->cells);
}
