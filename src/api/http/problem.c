/* Writes errors as problem documents (RFC 9457). */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "api/http/body.h"
#include "api/http/request.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "model/schema/encode.h"
#include "store/fault.h"

#define DETAIL_MAX     1024
#define NEVER_FITS_MAX 2048

static const char *title_of(unsigned status)
{
        return MHD_get_reason_phrase_for(status);
}

/* Writes all faults with their places. The members detail and pointer describe only the first. */
static void write_errors(Request *request, Buffer *out)
{
        (void)buffer_puts(out, ",\"errors\":[");
        for (size_t i = 0; i < MIN(request->diags.n, API_ERRORS_MAX); i++) {
                const Diag *diag = &request->diags.items[i];
                const char *pointer =
                        body_pointer(request->document, diag->place.line, &request->arena);

                (void)buffer_puts(out, i > 0 ? ",{\"detail\":" : "{\"detail\":");
                (void)encode_string(diag->message, out);
                if (pointer) {
                        (void)buffer_puts(out, ",\"pointer\":");
                        (void)encode_string(pointer, out);
                }
                (void)buffer_putc(out, '}');
        }
        (void)buffer_putc(out, ']');
        if (request->diags.n_errors > API_ERRORS_MAX)
                (void)buffer_printf(out, ",\"moreErrors\":%zu",
                                    request->diags.n_errors - API_ERRORS_MAX);
}

int request_bad_document(Request *request, int r, const Error *err)
{
        if (request->diags.n > 0 && err->kind == ERROR_INVALID)
                request->pointer = body_pointer(
                        request->document, request->diags.items[0].place.line, &request->arena);
        return r;
}

/* Marks a text of size bytes as truncated by "..." if it did not fit into max bytes. Cuts between
 * two characters. */
static void cut(char *text, size_t size, size_t max)
{
        if (size >= max)
                memcpy(text + utf8_cut(text, max - sizeof("...")), "...", sizeof("..."));
}

/* Keeps the first line of a problem for the audit. */
static void keep_detail(Answer *answer, const char *detail)
{
        size_t size = strcspn(detail, "\n");

        (void)snprintf(answer->detail, sizeof(answer->detail), "%.*s", (int)size, detail);
        cut(answer->detail, size, sizeof(answer->detail));
}

void request_problem(Request *request, unsigned status, const char *format, ...)
{
        Answer *answer = &request->answer;
        char detail[DETAIL_MAX];
        va_list ap;
        int size;

        va_start(ap, format);
        size = vsnprintf(detail, sizeof(detail), format, ap);
        va_end(ap);
        cut(detail, (size_t)MAX(size, 0), sizeof(detail));
        keep_detail(answer, detail);
        answer->status = status;
        answer->type = "application/problem+json";
        buffer_clear(&answer->body);
        (void)buffer_puts(&answer->body, "{\"type\":\"about:blank\",\"title\":");
        (void)encode_string(title_of(status), &answer->body);
        (void)buffer_printf(&answer->body, ",\"status\":%u,\"detail\":", status);
        (void)encode_string(detail, &answer->body);
        if (request->pointer) {
                (void)buffer_puts(&answer->body, ",\"pointer\":");
                (void)encode_string(request->pointer, &answer->body);
        }
        if (request->diags.n > 0)
                write_errors(request, &answer->body);
        (void)buffer_puts(&answer->body, "}\n");
}

static unsigned status_of(const Error *error)
{
        switch (error->kind) {
        case ERROR_INVALID: return 400;
        case ERROR_NOT_FOUND: return 404;
        case ERROR_CONFLICT: return 409;
        case ERROR_DENIED: return 403;
        case ERROR_UNREACHABLE:
        case ERROR_HOSTILE: return 502;
        case ERROR_CANCELED: return 503;
        case ERROR_NONE:
        case ERROR_INTERNAL:
        case ERROR_KIND_MAX_: break;
        }
        return store_fault(error) == STORE_FAULT_FULL ? 507 : 500;
}

/* Answers a request that can never fit into memory, for which a retry does not help. */
static void say_never_fits(Request *request)
{
        size_t limit = quota_limit(&request->memory);

        buffer_done(&request->answer.body);
        buffer_init(&request->answer.body, NEVER_FITS_MAX); /* the answer itself needs no quota */
        request->answer.headers = (AnswerHeaders){ 0 };
        request->pointer = NULL;
        diag_list_done(&request->diags);
        diag_list_init(&request->diags);
        if (request->route && request->route->body_max > 0)
                request_problem(request, 413,
                                "the request needs more memory than the %zu bytes that relmand "
                                "gives one; %s",
                                limit,
                                request->route->body_max == API_PLAN_MAX
                                        ? "plan each tenant alone: relmanctl plan --tenant NAME"
                                        : "send a smaller one");
        else
                request_problem(request, 500,
                                "the answer needs more memory than the %zu bytes that relmand "
                                "gives one request; ask for less",
                                limit);
}

void request_no_room(Request *request)
{
        static char text[] =
                "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                "\"detail\":\"requests under way hold all memory for bodies and answers; "
                "try again later, or ask for less\"}\n";
        static const Buffer shared = { .data = text, .size = sizeof(text) - 1 };
        static AnswerHeader headers[] = { { "Retry-After", "5" } };

        if (request->memory.is_over) {
                say_never_fits(request);
                request->memory.is_short = request->memory.is_over = false; /* reported */
                return;
        }
        request->answer.status = 503;
        request->answer.type = "application/problem+json";
        keep_detail(&request->answer, "requests under way hold all memory for bodies and answers");
        buffer_done(&request->answer.body); /* also resets its failure */
        request->answer.shared = &shared;
        request->answer.headers =
                (AnswerHeaders){ headers, ARRAY_SIZE(headers), ARRAY_SIZE(headers) };
        request->server->n_short++;
        request->memory.is_short = false; /* reported */
}

void request_challenge(Request *request)
{
        static AnswerHeader headers[] = { { "WWW-Authenticate", "Bearer" } };

        request->answer.headers =
                (AnswerHeaders){ headers, ARRAY_SIZE(headers), ARRAY_SIZE(headers) };
}

void request_fail(Request *request, const Error *error)
{
        unsigned status = status_of(error);

        if (request->memory.is_short) {
                request_no_room(request);
                return;
        }
        if (status >= 500)
                log_error("api: %s %s: %s", request->method, request->path, error_message(error));
        request_problem(request, status, "%s", error_message(error));
}
