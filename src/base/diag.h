#pragma once

/* A list of diagnostics in the style of a compiler: specs/api.yaml:14:7: error: unknown field
 * "chanel" in VersionRule; did you mean "channel"? Checks continue after an error, so that a user
 * sees all errors at once. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"

/* A place in a file. file is borrowed; NULL if the text is not from a file. line and column count
 * from 1; 0 if not known. */
typedef struct Place {
        const char *file;
        unsigned line;
        unsigned column;
} Place;

typedef enum Severity {
        SEVERITY_WARNING,
        SEVERITY_ERROR
} Severity;

typedef struct Diag {
        Severity severity;
        Place place;
        const char *message;
} Diag;

typedef struct DiagList {
        Arena arena; /* holds messages and file names, so that the list outlives its sources */
        Diag *items;
        size_t n;
        size_t capacity;
        size_t n_warnings; /* warnings in items */
        size_t n_errors;   /* all errors, including those that are not in items */
        size_t n_dropped;  /* number of diagnostics beyond DIAG_MAX, which are not in items */
        int failed;        /* -ENOMEM if memory for an item ran out */
        bool may_pass; /* an error has a cause outside the text, so the unchanged text may be valid
                          at the next load */
} DiagList;

void diag_list_init(DiagList *list);
void diag_list_done(DiagList *list);
void diag_list_clear(DiagList *list);
/* True if the list has DIAG_MAX items. A full list counts another warning, but drops its text. */
bool diag_list_is_full(const DiagList *list);

void diag_add(DiagList *list, Severity severity, Place place, const char *format, ...)
        _printf_(4, 5);
#define diag_error(list, place, ...)   diag_add((list), SEVERITY_ERROR, (place), __VA_ARGS__)
#define diag_warning(list, place, ...) diag_add((list), SEVERITY_WARNING, (place), __VA_ARGS__)

/* Returns the number of all warnings, including those that are not in items. */
size_t diag_list_n_warnings(const DiagList *list);

/* Appends copies of the items of from, and adds its counts. */
void diag_list_append(DiagList *list, const DiagList *from);

/* Sorts by file, line and column. The sort is stable. */
void diag_list_sort(DiagList *list);

/* Formats one diagnostic as "file:line:column: error: message", without a line break. Escapes the
 * file name. */
int diag_format(const Diag *diag, Buffer *out);

const char *severity_to_string(Severity severity);
