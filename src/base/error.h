#pragma once

/* A failure. relman reports it once: in the journal, in the condition of an object, in an HTTP
 * answer, or as the exit status of a command.
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
        ERROR_INVALID,     /* the input is wrong: 400 or 422, exit status 2 */
        ERROR_NOT_FOUND,   /* no object has this name or id: 404 */
        ERROR_CONFLICT,    /* illegal transition, name taken: 409 */
        ERROR_UNREACHABLE, /* no answer, or "retry later": a retry may succeed */
        ERROR_DENIED,      /* the server refused access, or the caller has no right */
        ERROR_HOSTILE,     /* the server's answer must not be trusted */
        /* relmand canceled the operation before its end; the caller starts it again */
        ERROR_CANCELED,
        ERROR_INTERNAL, /* a failure of relman itself: memory, disk, database */
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

/* Returns code if it is negative, else -EIO: a failure with code 0 would look like success. The
 * function is inline, so that static analyzers see that the result is negative. */
static inline int error_negative(int code)
{
        return code < 0 ? code : -EIO;
}

/* error_set(err, kind, code, format, ...) fills err and returns code, for use in a return
 * statement. err must be empty or NULL. */
#define error_set(...) error_negative(error_set_(__VA_ARGS__))

/* error_prefix(err, code, format, ...) puts the formatted text and ": " before the message, keeps
 * the kind, and returns code. */
#define error_prefix(...) error_negative(error_prefix_(__VA_ARGS__))

/* Reports a failed allocation through err. Returns -ENOMEM. */
static inline int error_oom(Error *err)
{
        return error_set(err, ERROR_INTERNAL, -ENOMEM, "out of memory");
}

/* Returns the message, never NULL. */
const char *error_message(const Error *err);

/* Returns "invalid", "not-found" and so on. The names are part of the API and never change. */
const char *error_kind_to_string(ErrorKind kind);

/* Moves the failure in `from` into `to`, which must be empty. If `to` is NULL, frees the failure.
 */
void error_move(Error *to, Error *from);

/* Frees the message and empties err, which can then be used again. */
void error_done(Error *err);
