#include "version/modifier.h"

#include <string.h>

#include "base/macros.h"

/* A run of digits, or of other bytes. */
typedef struct Run {
        const char *data;
        size_t size;
        bool is_number;
} Run;

static Run run_at(const char *at, const char *end)
{
        Run run = { .data = at, .is_number = at < end && is_digit(*at) };

        while (at < end && is_digit(*at) == run.is_number)
                at++;
        run.size = (size_t)(at - run.data);
        return run;
}

static int run_compare(Run a, Run b)
{
        int order;

        if (a.is_number != b.is_number)
                return a.is_number ? -1 : 1;
        if (a.is_number)
                return digits_compare(digits_of(a.data, a.size), digits_of(b.data, b.size));
        order = memcmp(a.data, b.data, MIN(a.size, b.size));
        return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

int modifier_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
        const char *a_end, *b_end;

        if (!a || !b)
                return !a - !b;
        a_end = a + a_size;
        b_end = b + b_size;
        for (;;) {
                Run next_a, next_b;
                int order;

                if (a == a_end || b == b_end)
                        return (a < a_end) - (b < b_end);
                next_a = run_at(a, a_end);
                next_b = run_at(b, b_end);
                order = run_compare(next_a, next_b);
                if (order != 0)
                        return order;
                a += next_a.size;
                b += next_b.size;
        }
}

void modifier_put_key(KeyWriter *writer, const char *modifier, size_t size)
{
        const char *at = modifier, *end = at + size;

        while (at < end) {
                Run run = run_at(at, end);

                key_mark(writer, run.is_number ? KEY_NUMBER : KEY_TEXT);
                if (run.is_number)
                        key_number(writer, digits_of(run.data, run.size));
                else
                        key_text(writer, run.data, run.size);
                at += run.size;
        }
        key_mark(writer, KEY_END);
}
