#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_printf_(1, 0) static char *format_text(const char *format, va_list ap)
{
        char *text = NULL;

        return vasprintf(&text, format, ap) < 0 ? NULL : text;
}

int error_set_(Error *err, ErrorKind kind, int code, const char *format, ...)
{
        va_list ap;

        if (!err)
                return code;
        assert(err->kind == ERROR_NONE); /* an Error is set only once */
        err->kind = kind;
        err->code = code;
        va_start(ap, format);
        err->message = format_text(format, ap);
        va_end(ap);
        return code;
}

int error_prefix_(Error *err, int code, const char *format, ...)
{
        char *prefix, *message = NULL;
        va_list ap;

        if (!err || !err->message)
                return code;
        va_start(ap, format);
        prefix = format_text(format, ap);
        va_end(ap);
        if (prefix && asprintf(&message, "%s: %s", prefix, err->message) >= 0) {
                free(err->message);
                err->message = message;
        }
        free(prefix);
        return code;
}

const char *error_message(const Error *err)
{
        if (err->message)
                return err->message;
        return err->kind == ERROR_NONE ? "no error" : "out of memory";
}

const char *error_kind_to_string(ErrorKind kind)
{
        static const char *const names[ERROR_KIND_MAX_] = {
                [ERROR_NONE] = "none",
                [ERROR_INVALID] = "invalid",
                [ERROR_NOT_FOUND] = "not-found",
                [ERROR_CONFLICT] = "conflict",
                [ERROR_UNREACHABLE] = "unreachable",
                [ERROR_DENIED] = "denied",
                [ERROR_HOSTILE] = "hostile",
                [ERROR_CANCELED] = "canceled",
                [ERROR_INTERNAL] = "internal",
        };

        return names[kind];
}

void error_done(Error *err)
{
        free(err->message);
        *err = (Error){ 0 };
}

void error_move(Error *to, Error *from)
{
        if (!to) { /* the caller does not need the error */
                error_done(from);
                return;
        }
        assert(to->kind == ERROR_NONE);
        *to = *from;
        *from = (Error){ 0 };
}
