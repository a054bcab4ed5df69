/* The strategy sequential: one integer of any length, such as a build number. Only ASCII digits are
 * allowed: 1e3, +7 and 0x10 are refused. */

#include "base/escape.h"
#include "version/sort-key.h"
#include "version/strategy.h"

int sequential_parse(const char *text, size_t size, Arena *arena, Version *ret,
                     const char **ret_reason)
{
        Digits number = digits_of(text, size);
        char quoted[REASON_QUOTE_SIZE];
        KeyWriter writer;
        int r;

        if (digits_span(text, text + size) != size)
                return refuse(ret_reason,
                              arena_printf(arena, "'%s' is not an integer",
                                           escape_text(text, size, quoted, sizeof(quoted))));
        r = key_begin(&writer, arena, size);
        if (r < 0)
                return r;
        key_number(&writer, number);
        *ret = (Version){
                .text = number.n > 0 ? arena_strndup(arena, number.data, number.n) : "0",
                .sort_key = key_finish(&writer),
                .specificity = 1,
        };
        return ret->text ? 0 : -ENOMEM;
}
