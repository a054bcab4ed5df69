/* Fuzzes values that attestations must have: pointers into a predicate, and the values there. The
 * first line of an input is the pointer, the second one the value, and the rest is the predicate.
 */

#include <cjson/cJSON.h>

#include "fuzz.h"
#include "trust/predicate.h"

/* Cuts the first line off the text, and returns it. */
static char *cut_line(char **text)
{
        char *line = *text, *end = strchr(line, '\n');

        *text = end ? end + 1 : line + strlen(line);
        if (end)
                *end = '\0';
        return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const others[] = { "true", "false", "null", "0", "1", "", "a" };
        _cleanup_(arena_done) Arena arena;
        char *text, *pointer, *value, *longer;
        size_t n_accepted = 0;
        cJSON *json;
        bool accepted;

        arena_init(&arena, FUZZ_ARENA_MAX);
        text = fuzz_text(&arena, data, size);
        if (!text)
                return 0;
        pointer = cut_line(&text);
        value = cut_line(&text);
        longer = arena_printf(&arena, "%sx", value);
        json = cJSON_Parse(text);
        accepted = predicate_require(json, pointer, value, NULL) >= 0;
        /* a value is one text, and none that ends differently */
        if (accepted)
                require(json && longer && predicate_require(json, pointer, longer, NULL) < 0);
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                n_accepted += predicate_require(json, pointer, others[i], NULL) >= 0;
        require(n_accepted <= 1);
        require(predicate_require(NULL, pointer, value, NULL) < 0);
        cJSON_Delete(json);
        return 0;
}
