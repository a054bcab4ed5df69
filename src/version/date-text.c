#include "version/date-text.h"

#include <stdio.h>
#include <string.h>

#include "version/modifier.h"

void date_add_written(DateText *date, const char *digits, size_t n)
{
        date->fields[date->n_fields++].written = digits_of(digits, n);
}

void date_add_number(DateText *date, unsigned number)
{
        DateField *field = &date->fields[date->n_fields++];

        field->written = (Digits){ 0 };
        (void)snprintf(field->copy, sizeof(field->copy), "%u", number % 10000000);
}

Digits date_digits(const DateText *date, size_t index)
{
        const DateField *field = &date->fields[index];

        return field->written.data ? field->written : digits_of(field->copy, strlen(field->copy));
}

int date_compare_fields(const DateText *a, const DateText *b, size_t n)
{
        int order = 0;

        for (size_t i = 0; i < n && order == 0; i++) {
                if (i >= a->n_fields || i >= b->n_fields)
                        return (a->n_fields > i) - (b->n_fields > i);
                order = digits_compare(date_digits(a, i), date_digits(b, i));
        }
        return order;
}

int date_compare(const DateText *a, const DateText *b)
{
        int order = date_compare_fields(a, b, DATE_FIELDS_MAX);

        return order != 0 ? order
                          : modifier_compare(a->modifier, a->modifier_size, b->modifier,
                                             b->modifier_size);
}
