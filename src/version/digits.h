#pragma once

/* Decimal numbers of any length as slices of a text. They are compared but never converted, so they
 * cannot overflow. data is borrowed, and begins after leading zeros. So n is 0 for the number
 * zero. */

#include <stdbool.h>
#include <stddef.h>

typedef struct Digits {
        const char *data;
        size_t n;
} Digits;

static inline bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Returns the number of digits at the start of text. */
size_t digits_span(const char *text, const char *end);

Digits digits_of(const char *text, size_t size);
int digits_compare(Digits a, Digits b); /* <0, 0, >0 */
