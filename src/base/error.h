#pragma once

/* One failure, reported once, for four audiences: journal, object condition, HTTP problem, exit
 * status.
 *
 * A function that can fail returns 0 or more on success and a negative errno on failure. Its last
 * parameter is an Error, which it fills on failure only. Callers add context with error_prefix(),
 * innermost first. The kind alone decides how a failure is handled (retry, HTTP status, exit
 * status).
 *
 * A message names the object, the place and the next step. It is lower case, without a full stop,
 * with its subject in single quotes: cannot open '/etc/relman/specs': No such file or directory. */

#include <errno.h>

#include "base/macros.h"

typedef enum ErrorKind {
        ERROR_NONE,
        ERROR_INVALID,     /* the user wrote something wrong: 400 or 422, exit 2 */
        ERROR_NOT_FOUND,   /* no object has this name or id: 404 */
        ERROR_CONFLICT,    /* illegal transition, name taken: 409 */
        ERROR_UNREACHABLE, /* no answer, or "retry later": worth another try */
        ERROR_DENIED,      /* the server refused access, or the caller has no right */
        ERROR_HOSTILE,     /* the server's answer must not be trusted */
        ERROR_CANCELED,    /* relmand canceled it before it was complete: the caller starts it
                            * again */
        ERROR_INTERNAL,    /* our own: memory, disk, database */
        ERROR_KIND_MAX_,
} ErrorKind;

typedef struct Error {
        ErrorKind kind;
        int code;      /* negative errno */
        char *message; /* owned; NULL only while kind is ERROR_NONE or memory ran out */
} Error;

/* Use the macros below instead. */
int error_set_(Error *err, ErrorKind kind, int code, const char *format, ...) _printf_(4, 5);
int error_prefix_(Error *err, int code, const char *format, ...) _printf_(3, 4);

/* Makes the code of a failure negative, whatever was passed: an errno of 0 would read as success.
 * It is inline so that analyzers see it too. */
static inline int error_negative(int code)
{
        return code < 0 ? code : -EIO;
}

/* (err, kind, code, format, ...): fills err (which may be NULL, and must be empty) and returns
 * code, for use in a return statement. */
#define error_set(...) error_negative(error_set_(__VA_ARGS__))

/* (err, code, format, ...): prepends "text: " to the message, keeps the kind, and returns code. */
#define error_prefix(...) error_negative(error_prefix_(__VA_ARGS__))

/* error_set() for a failed allocation; returns -ENOMEM. */
static inline int error_oom(Error *err)
{
        return error_set(err, ERROR_INTERNAL, -ENOMEM, "out of memory");
}

/* Returns the message, never NULL. */
const char *error_message(const Error *err);

/* "invalid", "not-found", ...; stable, used in JSON. */
const char *error_kind_to_string(ErrorKind kind);

/* Moves the failure to the empty to, which may be NULL. */
void error_move(Error *to, Error *from);

/* Frees the message and empties err, which can then be used again. */
void error_done(Error *err);
