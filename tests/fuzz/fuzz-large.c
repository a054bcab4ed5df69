/* Fuzzes the readers of JSON and YAML with texts of up to a megabyte. If the work of a reader grows
 * faster than the size, it exceeds the -timeout of check-fuzz.
 *
 * A small input describes a large text: a count in three bytes, then a beginning, a piece and an
 * end, separated by NUL. The text has count copies of the piece. In each copy, the number of the
 * copy replaces '#'. */

#include <stdio.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "model/json.h"
#include "model/schema/decode.h"
#include "spec/check.h"
#include "spec/tree/yaml.h"

#define LARGE_MAX   ((size_t)1024 * 1024)
#define LARGE_ARENA ((size_t)512 * 1024 * 1024)

/* Appends copy n of the piece. */
static void put_piece(Buffer *out, const char *piece, unsigned n)
{
        for (; *piece; piece++)
                (void)(*piece == '#' ? buffer_printf(out, "%u", n) : buffer_putc(out, *piece));
}

/* Appends the beginning, at most count copies of the piece, and the end. Adds no more copies when
 * the text would exceed LARGE_MAX. */
static void put_large(Buffer *out, const char *const parts[3], unsigned count)
{
        (void)buffer_puts(out, parts[0]);
        for (unsigned i = 0; i < count; i++) {
                size_t before = out->size;

                if (before + strlen(parts[2]) + strlen(parts[1]) * 10 >= LARGE_MAX)
                        break;
                put_piece(out, parts[1], i);
                if (out->size == before)
                        break;
        }
        (void)buffer_puts(out, parts[2]);
}

static void read_json(const Buffer *text)
{
        Error error = { 0 };
        Arena arena;
        Node *node;

        arena_init(&arena, LARGE_ARENA);
        if (json_to_node(text->data, text->size, &arena, &node, &error) < 0)
                require(error.kind != ERROR_NONE);
        error_done(&error);
        arena_done(&arena);
}

static void read_yaml(const Buffer *text)
{
        YamlDocuments documents = { 0 };
        DiagList diags;
        Arena arena;
        int r;

        arena_init(&arena, LARGE_ARENA);
        diag_list_init(&diags);
        r = yaml_read("fuzz.yaml", text->data, text->size, &arena, &documents, &diags);
        require(r == 0 || diags.n > 0);
        for (size_t i = 0; i < documents.n; i++) {
                Decoded decoded;

                r = decode_document(documents.items[i], &arena, &decoded, &diags);
                require(r == 0 || diags.n > 0);
                if (r == 0)
                        (void)check_object(decoded.object, &diags);
        }
        diag_list_done(&diags);
        arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *parts[3] = { "", "", "" };
        Arena arena;
        char *rest;
        Buffer text;

        if (size < 4)
                return 0;
        arena_init(&arena, FUZZ_ARENA_MAX);
        /* arena_alloc() clears the memory, so a NUL follows the input */
        rest = arena_alloc(&arena, size);
        require(rest != NULL);
        memcpy(rest, data + 3, size - 3);
        for (size_t i = 0, at = 0; i < ARRAY_SIZE(parts) && at < size - 3; i++) {
                parts[i] = rest + at;
                at += strlen(rest + at) + 1;
        }
        buffer_init(&text, 2 * LARGE_MAX);
        put_large(&text, parts, (unsigned)data[0] << 16 | (unsigned)data[1] << 8 | data[2]);
        if (!text.failed) {
                read_json(&text);
                read_yaml(&text);
        }
        buffer_done(&text);
        arena_done(&arena);
        return 0;
}
