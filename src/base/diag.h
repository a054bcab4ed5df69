#pragma once

/* Diagnostics read like a compiler's: specs/api.yaml:14:7: error: unknown field "chanel" in
 * VersionRule; did you mean "channel"? All are collected; none stops at the first. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"

/* A place in a file. file is borrowed and may be NULL (then pointer may name a place in JSON). line
 * and column count from 1; 0 if not known. */
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
        Arena arena; /* messages and copies of file names, so that a list outlives its sources */
        Diag *items;
        size_t n;
        size_t capacity;
        size_t n_warnings; /* among the kept items */
        size_t n_errors;   /* all errors, kept or not */
        size_t n_dropped;  /* beyond DIAG_MAX: errors are kept in preference to warnings */
        int failed;        /* -ENOMEM if one could not be kept */
        bool may_pass;     /* an error depends on more than the text, which is to be read again */
} DiagList;

void diag_list_init(DiagList *list);
void diag_list_done(DiagList *list);
void diag_list_clear(DiagList *list);
/* True if the text of another warning is dropped. The warning is counted all the same. */
bool diag_list_is_full(const DiagList *list);

void diag_add(DiagList *list, Severity severity, Place place, const char *format, ...)
        _printf_(4, 5);
#define diag_error(list, place, ...)   diag_add((list), SEVERITY_ERROR, (place), __VA_ARGS__)
#define diag_warning(list, place, ...) diag_add((list), SEVERITY_WARNING, (place), __VA_ARGS__)

/* All warnings, kept or not. */
size_t diag_list_n_warnings(const DiagList *list);

/* Appends all of from. */
void diag_list_append(DiagList *list, const DiagList *from);

/* By file, line, column; stable. */
void diag_list_sort(DiagList *list);

/* Formats one diagnostic as "file:line:column: error: message", without a line break. Escapes the
 * file name. */
int diag_format(const Diag *diag, Buffer *out);

const char *severity_to_string(Severity severity);
