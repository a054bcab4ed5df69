#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/vec.h"

#define DIAG_ARENA_MAX ((size_t)8 * 1024 * 1024)

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

void diag_list_clear(DiagList *list)
{
        arena_clear(&list->arena);
        list->n = list->n_errors = list->n_dropped = 0;
        list->failed = 0;
}

/* Neighbours in a list mostly come from one file: its name is copied once. */
static const char *copy_file(DiagList *list, const char *file)
{
        if (!file)
                return NULL;
        if (list->n > 0 && str_equal(list->items[list->n - 1].place.file, file))
                return list->items[list->n - 1].place.file;
        return arena_strdup(&list->arena, file);
}

static void add(DiagList *list, Severity severity, Place place, const char *message)
{
        if (list->n >= DIAG_MAX) {
                list->n_dropped++;
                return;
        }
        if (vec_reserve(&list->items, &list->capacity, list->n + 1, sizeof(*list->items)) < 0) {
                list->failed = -ENOMEM;
                return;
        }
        message = escape_dup(&list->arena, message, strlen(message)); /* it quotes strangers */
        if (place.file) {
                place.file = copy_file(list, place.file);
                if (!place.file)
                        message = NULL;
        }
        if (!message) {
                list->failed = -ENOMEM;
                return;
        }
        list->items[list->n++] = (Diag){ .severity = severity, .place = place, .message = message };
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
        for (size_t i = 0; i < from->n; i++) {
                list->n_errors += from->items[i].severity == SEVERITY_ERROR;
                add(list, from->items[i].severity, from->items[i].place, from->items[i].message);
        }
        list->n_dropped += from->n_dropped;
        if (from->failed)
                list->failed = from->failed;
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

/* Insertion: the list is short, nearly sorted, and equal places keep their order. */
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
        if (diag->place.file)
                (void)buffer_printf(out, "%s:", diag->place.file);
        if (diag->place.line > 0)
                (void)buffer_printf(out, "%u:%u:", diag->place.line, diag->place.column);
        return buffer_printf(out, "%s%s: %s",
                             out->size > 0 && (diag->place.file || diag->place.line) ? " " : "",
                             severity_to_string(diag->severity), diag->message);
}
