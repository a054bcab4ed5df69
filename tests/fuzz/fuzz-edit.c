/* Fuzzes edits of YAML texts: the first line of the input is a pointer, the rest is the text. */

#include "edit/edit.h"
#include "fuzz.h"
#include "model/git/git-name.h"

static const char *const values[] = { "r.example/a@sha256:ab", "1.20", "it's \"x\" \\", "" };

/* Number of bytes that both texts have in common, at their begin or end. */
static size_t common(const EditText *a, const EditText *b, bool at_end)
{
        size_t n = 0;

        while (n < a->size && n < b->size &&
               (at_end ? a->data[a->size - n - 1] == b->data[b->size - n - 1]
                       : a->data[n] == b->data[n]))
                n++;
        return n;
}

static void fuzz_edit(const char *pointer, const EditText *old, const char *value, Arena *arena)
{
        Edit edit = { .pointer = pointer, .value = value };
        const Edits edits = { .items = &edit, .n = 1 };
        Error error = { 0 };
        EditText new, again;

        if (edit_text("f", old, &edits, arena, &new, &error) < 0)
                require(error.message != NULL);
        else { /* the same edit changes nothing more, and one place was changed */
                require(edit_text("f", &new, &edits, arena, &again, &error) == 0);
                require(new.size == again.size &&memcmp(new.data, again.data, new.size) == 0);
                require(new.size -
                                MIN(new.size, common(old, &new, false) + common(old, &new, true)) <=
                        2 * strlen(value) + 3);
        }
        error_done(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
        Arena arena;
        const char *pointer;

        if (!end || size > 16384)
                return 0;
        arena_init(&arena, FUZZ_ARENA_MAX);
        pointer = fuzz_text(&arena, data, (size_t)(end - data));
        if (git_pointer_is_valid(pointer))
                for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
                        const EditText old = { .data = (const char *)end + 1,
                                               .size = size - (size_t)(end - data) - 1 };

                        fuzz_edit(pointer, &old, values[i], &arena);
                }
        arena_done(&arena);
        return 0;
}
