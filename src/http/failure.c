/* Describes why a transfer failed. */

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "http/internal.h"

const char *call_method_name(const HttpCall *call)
{
        static const char *const names[] = {
                [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
                [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
        };

        return names[call->method];
}

int call_url_size(const HttpCall *call)
{
        const char *host = call->pool->hide_path ? strstr(call->url, "://") : NULL;

        return (int)(host ? (size_t)(host + 3 - call->url) + strcspn(host + 3, "/?#")
                          : strcspn(call->url, "?#"));
}

/* True if a header line exceeded the limit of libcurl. libcurl 7.88 reports this as
 * CURLE_OUT_OF_MEMORY. */
static bool is_endless_line(const HttpCall *call, CURLcode code)
{
        curl_off_t began = 0;

#if LIBCURL_VERSION_NUM >= 0x080600
        if (code == CURLE_TOO_LARGE)
                return !call->headers_ended;
#endif
        if (code != CURLE_OUT_OF_MEMORY || call->headers_ended || call->is_interrupted ||
            call->pool->client->lacked_memory)
                return false;
        return curl_easy_getinfo(call->easy, CURLINFO_STARTTRANSFER_TIME_T, &began) == CURLE_OK &&
               began > 0;
}

bool failure_is_hostile(const HttpCall *call, CURLcode code)
{
        return call->too_large || call->headers_too_large || call->refused[0] ||
               code == CURLE_BAD_CONTENT_ENCODING || is_endless_line(call, code);
}

/* Sets call->error if relmand refused a connection or an answer. Returns false for other failures.
 */
static bool describe_refusal(HttpCall *call, CURLcode code)
{
        const char *method = call_method_name(call);
        int size = call_url_size(call);

        if (call->over_budget == -EFBIG)
                (void)error_set(&call->error, ERROR_HOSTILE, -EFBIG,
                                "%s %.*s: what is kept of the answers takes more than %zu MiB of "
                                "memory",
                                method, size, call->url, BUDGET_ALONE / (1024 * 1024));
        else if (call->over_budget < 0)
                (void)error_set(&call->error, ERROR_UNREACHABLE, HTTP_NO_ROOM,
                                "%s %.*s: other answers have all the memory there is for them",
                                method, size, call->url);
        else if (call->too_large)
                (void)error_set(&call->error, ERROR_HOSTILE, -EFBIG,
                                "%s %.*s: the answer is larger than %zu bytes", method, size,
                                call->url, call->body_max);
        else if (call->headers_too_large)
                (void)error_set(&call->error, ERROR_HOSTILE, -EFBIG,
                                "%s %.*s: the answer's headers are larger than %d bytes", method,
                                size, call->url, HTTP_HEADERS_MAX);
        else if (call->refused[0])
                (void)error_set(&call->error, ERROR_HOSTILE, -EACCES,
                                "%s %.*s: refused to connect to %.*s: %s is an internal address",
                                method, (int)strcspn(call->origin_url, "?#"), call->origin_url,
                                size, call->url, call->refused);
        else if (code == CURLE_BAD_CONTENT_ENCODING)
                (void)error_set(&call->error, ERROR_HOSTILE, -EBADMSG,
                                "%s %.*s: the Content-Encoding of the answer cannot be decoded: %s",
                                method, size, call->url,
                                call->curl_message[0] ? call->curl_message
                                                      : curl_easy_strerror(code));
        else if (is_endless_line(call, code))
                (void)error_set(&call->error, ERROR_HOSTILE, -EFBIG,
                                "%s %.*s: a header line of the answer is longer than libcurl reads "
                                "(100 KiB)",
                                method, size, call->url);
        else
                return false;
        return true;
}

#define ADVICE_SIZE 128

/* Returns the next step for the user, in parentheses; "" if none is known. */
static const char *failure_advice(const HttpCall *call, CURLcode code, const char *what,
                                  char ret[ADVICE_SIZE])
{
        const char *option = call->pool->ca_option;

        ret[0] = '\0';
        if (strstr(what, "wrong version number") ||
            (code == CURLE_SSL_CONNECT_ERROR &&
             (strstr(what, "SSL_ERROR_SYSCALL") || strstr(what, "unexpected eof while reading"))))
                return " (does it speak plain HTTP? its url begins with http:// then)";
        if ((code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR) && !call->headers_ended &&
            strncmp(call->url, "http://", strlen("http://")) == 0 && !call->pool->unix_socket)
                return " (does it speak TLS? its url begins with https:// then)";
        if (option && strstr(what, "certificate problem"))
                (void)snprintf(ret, ADVICE_SIZE,
                               " (%s is the PEM file of the authority that signed it)", option);
        return ret;
}

void failure_describe(HttpCall *call, CURLcode code)
{
        const char *what = call->curl_message[0] ? call->curl_message : curl_easy_strerror(code);
        char advice[ADVICE_SIZE];

        if (describe_refusal(call, code))
                return;
        if (call->is_interrupted)
                (void)error_set(&call->error, ERROR_UNREACHABLE, -EIO,
                                "%s %.*s: interrupted: another transfer did not end in its time, "
                                "and all transfers were started again",
                                call_method_name(call), call_url_size(call), call->url);
        else if (code == CURLE_OUT_OF_MEMORY)
                (void)error_oom(&call->error);
        else
                (void)error_set(&call->error, ERROR_UNREACHABLE,
                                call->other_host ? HTTP_ELSEWHERE : -EIO, "%s %.*s: %s%s",
                                call_method_name(call), call_url_size(call), call->url, what,
                                failure_advice(call, code, what, advice));
}
