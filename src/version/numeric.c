/* The strategy numeric: integers of any length with dots between them, for products with four or
 * more numbers, such as 4.0.12.2823. Versions are compared field by field. A missing field is below
 * 0, so 1.2 < 1.2.0. */

#include <string.h>

#include "base/escape.h"
#include "version/sort-key.h"
#include "version/strategy.h"

static bool is_dotted_integers(const char *at, const char *end)
{
        for (;;) {
                size_t n = digits_span(at, end);

                if (n == 0)
                        return false;
                at += n;
                if (at == end)
                        return true;
                if (*at != '.')
                        return false;
                at++;
        }
}

/* Writes a field without leading zeros. Returns the position after it. */
static char *put_field(char *to, Digits number)
{
        if (number.n == 0) {
                *to = '0';
                return to + 1;
        }
        memcpy(to, number.data, number.n);
        return to + number.n;
}

static unsigned put_fields(const char *at, const char *end, char *to, KeyWriter *writer)
{
        unsigned n_fields = 0;

        for (;;) {
                size_t n = digits_span(at, end);
                Digits number = digits_of(at, n);

                key_mark(writer, KEY_NUMBER);
                key_number(writer, number);
                to = put_field(to, number);
                n_fields++;
                at += n;
                if (at == end)
                        break;
                at++;
                *to++ = '.';
        }
        key_mark(writer, KEY_END);
        return n_fields;
}

int numeric_parse(const char *text, size_t size, Arena *arena, Version *ret,
                  const char **ret_reason)
{
        const char *at = text, *end = text + size;
        char quoted[REASON_QUOTE_SIZE];
        KeyWriter writer;
        Version version = { 0 };
        char *canonical;
        int r;

        if (*at == 'v' && size > 1)
                at++;
        if (!is_dotted_integers(at, end))
                return refuse(ret_reason,
                              arena_printf(arena, "'%s' is not made of integers and dots",
                                           escape_text(text, size, quoted, sizeof(quoted))));
        canonical = arena_alloc(arena, size + 1);
        if (!canonical)
                return -ENOMEM;
        r = key_begin(&writer, arena, size);
        if (r < 0)
                return r;
        version.text = canonical;
        version.specificity = put_fields(at, end, canonical, &writer);
        version.sort_key = key_finish(&writer);
        *ret = version;
        return 0;
}
