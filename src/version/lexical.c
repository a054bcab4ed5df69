/* The strategy lexical: the version is the text itself. Versions are ordered by their bytes. */

#include <string.h>

#include "version/sort-key.h"
#include "version/strategy.h"

int lexical_parse(const char *text, size_t size, Arena *arena, Version *ret,
                  const char **ret_reason)
{
        KeyWriter writer;
        int r;

        if (memchr(text, 0, size))
                return refuse(ret_reason, "it holds a NUL byte");
        r = key_begin(&writer, arena, size);
        if (r < 0)
                return r;
        key_text(&writer, text, size);
        *ret = (Version){
                .text = arena_strndup(arena, text, size),
                .sort_key = key_finish(&writer),
                .specificity = 1,
        };
        return ret->text ? 0 : -ENOMEM;
}
