#include "edit/edit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/text.h"
#include "edit/events.h"
#include "edit/pointer.h"

#define MARK      "\xEF\xBB\xBF" /* a byte order mark */
#define MARK_SIZE ((size_t)3)

/* A place of the text that gets new bytes. */
typedef struct Patch {
        const EventNode *node;
        const Edit *edit;
        size_t start, end; /* in bytes */
} Patch;

typedef struct Patches {
        Patch *items;
        size_t n;
} Patches;

/* --- how a value is written ------------------------------------------------------------------- */

/* True if a reader of YAML 1.1 or 1.2 takes the text for a boolean or for nothing. */
static bool is_word_of_yaml(const char *text)
{
        static const char *const words[] = { "y",     "n",  "yes", "no",   "true",
                                             "false", "on", "off", "null", "nan" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return true;
        return false;
}

/* True if every reader of YAML takes the text for a string without quotes: 1.20 is a number,
 * 2024-01-01 a date, 1:30 a number of minutes. */
static bool is_plain(const char *text)
{
        const char *first = strchr(text, '.');
        size_t size = strlen(text);
        bool is_digit = text[0] >= '0' && text[0] <= '9';

        if (size == 0 || text[size - 1] == ':' ||
            strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@+-") !=
                    size ||
            strchr("._/:@+-", text[0]))
                return false;
        if (strpbrk(text, "/@"))
                return true;
        return is_digit ? first && strchr(first + 1, '.') && !strchr(text, ':')
                        : !is_word_of_yaml(text);
}

static int write_value(const EventNode *node, const char *text, Buffer *out)
{
        const EventNode *key =
                node->parent && node->parent->type == EVENT_MAPPING ? node->parent->child : NULL;
        EventStyle style = node->style;

        while (key && key->next != node)
                key = key->next->next;
        /* in JSON keys and values have quotes */
        if (style == STYLE_PLAIN && (!is_plain(text) || (key && key->style == STYLE_DOUBLE)))
                style = STYLE_DOUBLE;
        if (node->start == node->end) /* "key:" without a value */
                (void)buffer_putc(out, ' ');
        if (style == STYLE_PLAIN)
                return buffer_puts(out, text);
        (void)buffer_putc(out, style == STYLE_SINGLE ? '\'' : '"');
        for (const char *at = text; *at; at++) {
                if (style == STYLE_SINGLE && *at == '\'')
                        (void)buffer_putc(out, '\'');
                if (style == STYLE_DOUBLE && (*at == '"' || *at == '\\'))
                        (void)buffer_putc(out, '\\');
                (void)buffer_putc(out, *at);
        }
        return buffer_putc(out, style == STYLE_SINGLE ? '\'' : '"');
}

/* --- places ----------------------------------------------------------------------------------- */

static int compare_patches(const void *a, const void *b)
{
        size_t x = ((const Patch *)a)->node->start, y = ((const Patch *)b)->node->start;

        return (x > y) - (x < y);
}

/* Returns the byte offset of a character, beginning at another one. */
static size_t skip_characters(const EditText *text, size_t at, size_t n)
{
        while (n > 0 && at < text->size) {
                at++;
                while (at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80)
                        at++;
                n--;
        }
        return at;
}

/* Moves the start of a place behind the anchor and tag of the value. */
static size_t skip_properties(const EditText *text, size_t start, size_t end)
{
        while (start < end && strchr("&!", text->data[start])) {
                while (start < end && !strchr(" \t\r\n", text->data[start]))
                        start++;
                while (start < end && strchr(" \t\r\n#", text->data[start])) {
                        bool is_comment = text->data[start] == '#';

                        while (is_comment && start < end && text->data[start] != '\n')
                                start++;
                        start += start < end;
                }
        }
        return start;
}

static void find_places(const EditText *text, Patches *patches)
{
        size_t character = 0, at = 0;

        qsort(patches->items, patches->n, sizeof(*patches->items), compare_patches);
        for (size_t i = 0; i < patches->n; i++) {
                Patch *patch = &patches->items[i];
                const EventNode *node = patch->node;

                at = skip_characters(text, at, node->start - character);
                character = node->start;
                patch->start = at;
                patch->end = skip_characters(text, at, node->end - node->start);
                if (node->anchor || node->tag)
                        patch->start = skip_properties(text, patch->start, patch->end);
        }
}

/* --- the new text ----------------------------------------------------------------------------- */

static int find_patches(const char *file, const EventTree *tree, const Edits *edits, Arena *arena,
                        Patches *ret, Error *err)
{
        *ret = (Patches){ .items = arena_alloc_array(arena, edits->n, sizeof(Patch)) };
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < edits->n; i++) {
                const Edit *edit = &edits->items[i];
                const EventNode *node = pointer_find(file, tree, edit, arena, err);

                if (!node)
                        return -EINVAL;
                for (size_t k = 0; k < ret->n; k++)
                        if (ret->items[k].node == node)
                                return error_set(err, ERROR_INVALID, -EINVAL,
                                                 "%s:%u: pointers '%s' and '%s' name the same "
                                                 "value; remove one",
                                                 file, node->line, ret->items[k].edit->pointer,
                                                 edit->pointer);
                ret->items[ret->n++] = (Patch){ .node = node, .edit = edit };
        }
        return 0;
}

static int write_text(const EditText *old, const Patches *patches, Buffer *out)
{
        size_t at = 0;

        for (size_t i = 0; i < patches->n; i++) {
                const Patch *patch = &patches->items[i];

                if (events_is_text(patch->node, patch->edit->value) &&
                    patch->node->start < patch->node->end)
                        continue; /* it has the value: its bytes stay */
                (void)buffer_append(out, old->data + at, patch->start - at);
                (void)write_value(patch->node, patch->edit->value, out);
                at = patch->end;
        }
        return buffer_append(out, old->data + at, old->size - at);
}

/* --- comparison ------------------------------------------------------------------------------- */

static size_t depth_of(const EventNode *node)
{
        size_t n = 0;

        for (; node->parent; node = node->parent)
                n++;
        return n;
}

static bool is_same(const EventNode *a, const EventNode *b)
{
        return a->size == b->size && (a->size == 0 || memcmp(a->text, b->text, a->size) == 0);
}

/* True if both texts have the same values, but for those of the patches. */
static bool is_edited(const EventTree *old, const EventTree *new, const Patches *patches)
{
        const EventNode *a = old->first, *b = new->first;
        size_t i = 0;

        for (; a && b; a = a->after, b = b->after) {
                if (a->type != b->type || depth_of(a) != depth_of(b) ||
                    !str_equal(a->anchor, b->anchor) || !str_equal(a->tag, b->tag))
                        return false;
                if (i < patches->n && patches->items[i].node == a) {
                        if (!events_is_text(b, patches->items[i++].edit->value))
                                return false;
                } else if (!is_same(a, b) || a->style != b->style)
                        return false;
        }
        return !a && !b && i == patches->n && old->n == new->n;
}

static int edit_body(const char *file, const EditText *old, const Edits *edits, Arena *arena,
                     Buffer *out, Error *err)
{
        EventTree tree, edited;
        Patches patches;
        EditText new;
        size_t before = out->size;
        int r;

        r = events_read(file, old, arena, &tree, err);
        if (r >= 0)
                r = find_patches(file, &tree, edits, arena, &patches, err);
        if (r < 0)
                return r;
        find_places(old, &patches);
        if (write_text(old, &patches, out) < 0)
                return error_set(err, ERROR_INVALID, out->failed, "%s: the file is too large",
                                 file);
        new = (EditText){ .data = out->data + before, .size = out->size - before };
        if (events_read(file, &new, arena, &edited, NULL) < 0 ||
            !is_edited(&tree, &edited, &patches))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "%s:%u: pointer '%s': the value cannot be replaced without "
                                 "changing another one; write it on its own line",
                                 file, patches.items[0].node->line, patches.items[0].edit->pointer);
        return 0;
}

int edit_text(const char *file, const EditText *old, const Edits *edits, Arena *arena,
              EditText *ret, Error *err)
{
        bool has_mark = old->size >= MARK_SIZE && memcmp(old->data, MARK, MARK_SIZE) == 0;
        size_t skipped = has_mark ? MARK_SIZE : 0;
        const EditText body = { .data = old->data + skipped, .size = old->size - skipped };
        _cleanup_(buffer_done) Buffer out;
        int r;

        buffer_init(&out, 2 * EDIT_TEXT_MAX);
        if (edits->n == 0) {
                *ret = *old;
                return 0;
        }
        if (old->size > EDIT_TEXT_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG,
                                 "%s: has %zu bytes, but relmand edits files of at most %zu", file,
                                 old->size, EDIT_TEXT_MAX);
        (void)buffer_append(&out, old->data, skipped);
        r = edit_body(file, &body, edits, arena, &out, err);
        if (r < 0)
                return r;
        *ret = (EditText){ .data = arena_memdup(arena, out.data, out.size), .size = out.size };
        return ret->data ? 0 : error_oom(err);
}
