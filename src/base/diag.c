#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/vec.h"

#define DIAG_ARENA_MAX ((size_t)32 * 1024 * 1024)

void diag_list_init(DiagList *list)
{
        *list = (DiagList){ 0 };
        arena_init(&list->arena, DIAG_ARENA_MAX);
}

void diag_list_done(DiagList *list)
{
        arena_done(&list->arena);
        free(list->items);
        *list = (DiagList){ 0 };
}

bool diag_list_is_full(const DiagList *list)
{
        return list->n >= DIAG_MAX;
}

void diag_list_clear(DiagList *list)
{
        arena_clear(&list->arena);
        list->n = list->n_warnings = list->n_errors = list->n_dropped = 0;
        list->failed = 0;
        list->may_pass = false;
}

/* Returns a copy of a file name. If the previous item has the same name, returns the copy of that
 * item: neighbouring items mostly come from one file. */
static const char *copy_file(DiagList *list, const char *file)
{
        if (!file)
                return NULL;
        if (list->n > 0 && str_equal(list->items[list->n - 1].place.file, file))
                return list->items[list->n - 1].place.file;
        return arena_strdup(&list->arena, file);
}

/* Returns the slot for a new item, at the end of the list. In a full list an error replaces the
 * last warning, and other items are dropped. Returns NULL if the item is dropped or memory ran out.
 */
static Diag *get_slot(DiagList *list, Severity severity)
{
        size_t i = list->n;

        if (list->n < DIAG_MAX) {
                if (vec_reserve(&list->items, &list->capacity, list->n + 1, sizeof(*list->items)) >=
                    0)
                        return &list->items[list->n];
                list->failed = -ENOMEM;
                return NULL;
        }
        list->n_dropped++;
        if (severity != SEVERITY_ERROR || list->n_warnings == 0)
                return NULL;
        while (list->items[i - 1].severity != SEVERITY_WARNING)
                i--;
        list->n_warnings--;
        return &list->items[i - 1];
}

static void add(DiagList *list, Severity severity, Place place, const char *message)
{
        Diag *slot = get_slot(list, severity);
        char text[DIAG_MESSAGE_MAX];

        if (!slot)
                return;
        /* the message may quote text from outside */
        escape_text(message, strlen(message), text, sizeof(text));
        message = arena_strdup(&list->arena, text);
        if (place.file) {
                place.file = copy_file(list, place.file);
                if (!place.file)
                        message = NULL;
        }
        if (!message) {
                list->failed = -ENOMEM;
                return;
        }
        *slot = (Diag){ .severity = severity, .place = place, .message = message };
        list->n_warnings += severity == SEVERITY_WARNING;
        list->n += slot == &list->items[list->n];
}

void diag_add(DiagList *list, Severity severity, Place place, const char *format, ...)
{
        char *message = NULL;
        va_list ap;

        list->n_errors += severity == SEVERITY_ERROR;
        va_start(ap, format);
        if (vasprintf(&message, format, ap) < 0)
                message = NULL;
        va_end(ap);
        if (message)
                add(list, severity, place, message);
        else
                list->failed = -ENOMEM;
        free(message);
}

void diag_list_append(DiagList *list, const DiagList *from)
{
        for (size_t i = 0; i < from->n; i++)
                add(list, from->items[i].severity, from->items[i].place, from->items[i].message);
        list->n_errors += from->n_errors; /* includes errors that are not in items */
        list->n_dropped += from->n_dropped;
        list->may_pass = list->may_pass || from->may_pass;
        if (from->failed)
                list->failed = from->failed;
}

size_t diag_list_n_warnings(const DiagList *list)
{
        return list->n + list->n_dropped - list->n_errors;
}

static int compare(const Diag *a, const Diag *b)
{
        int c = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");

        if (c != 0)
                return c;
        if (a->place.line != b->place.line)
                return a->place.line > b->place.line ? 1 : -1;
        if (a->place.column != b->place.column)
                return a->place.column > b->place.column ? 1 : -1;
        return 0;
}

/* Uses insertion sort, because the list is short and nearly sorted. The sort is stable. */
void diag_list_sort(DiagList *list)
{
        for (size_t i = 1; i < list->n; i++) {
                Diag diag = list->items[i];
                size_t j = i;

                for (; j > 0 && compare(&list->items[j - 1], &diag) > 0; j--)
                        list->items[j] = list->items[j - 1];
                list->items[j] = diag;
        }
}

const char *severity_to_string(Severity severity)
{
        return severity == SEVERITY_ERROR ? "error" : "warning";
}

int diag_format(const Diag *diag, Buffer *out)
{
        for (const char *file = diag->place.file; file && *file;) {
                char piece[ESCAPED_MAX];

                file += escape_one(file, strlen(file), piece);
                (void)buffer_puts(out, piece);
        }
        if (diag->place.file)
                (void)buffer_putc(out, ':');
        if (diag->place.line > 0)
                (void)buffer_printf(out, "%u:%u:", diag->place.line, diag->place.column);
        return buffer_printf(out, "%s%s: %s",
                             out->size > 0 && (diag->place.file || diag->place.line) ? " " : "",
                             severity_to_string(diag->severity), diag->message);
}
