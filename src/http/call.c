/* Creates and frees calls. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "http/internal.h"

void http_call_uncharge(HttpCall *call)
{
        if (call->share)
                budget_give(call->share, call->n_charged);
        call->share = NULL;
        call->n_charged = 0;
}

HttpCall *http_call_free(HttpCall *call)
{
        http_call_uncharge(call);
        curl_slist_free_all(call->headers);
        buffer_done(&call->answer);
        buffer_done(&call->answer_headers);
        error_done(&call->error);
        free(call->url);
        free(call->origin_url);
        free(call->other_host);
        free(call->authorization);
        free(call->body);
        free(call);
        return NULL;
}

static int append_header(struct curl_slist **list, const char *line)
{
        struct curl_slist *longer = curl_slist_append(*list, line);

        if (!longer)
                return -ENOMEM;
        *list = longer;
        return 0;
}

/* Makes one list. Authorization is its first header, so that the list without it is a part. */
static int make_headers(HttpCall *call, const HttpRequest *request)
{
        _cleanup_(freep) char *authorization = NULL, *type = NULL;
        int r = 0;

        if (request->authorization) {
                authorization = text_printf("Authorization: %s", request->authorization);
                r = authorization ? append_header(&call->headers, authorization) : -ENOMEM;
        }
        for (size_t i = 0; request->headers && request->headers[i] && r >= 0; i++)
                r = append_header(&call->headers, request->headers[i]);
        if (r >= 0 && request->content_type) {
                type = text_printf("Content-Type: %s", request->content_type);
                r = type ? append_header(&call->headers, type) : -ENOMEM;
        }
        if (r >= 0)
                call->plain_headers = authorization ? call->headers->next : call->headers;
        return r;
}

static int fill(HttpCall *call, const HttpRequest *request)
{
        call->method = request->method;
        call->body_max = request->body_max;
        call->body_fd = request->body_fd ? *request->body_fd : -1;
        call->cut_body = request->cut_body;
        call->same_origin = request->same_origin;
        call->no_redirect = request->no_redirect;
        call->is_pull = request->is_pull;
        call->may_wait = request->may_wait;
        call->share = request->share;
        buffer_init(&call->answer, request->body_max);
        buffer_init(&call->answer_headers, HTTP_HEADERS_MAX);
        call->url = strdup(request->url);
        call->origin_url = strdup(request->url);
        if (request->body) {
                call->body = strdup(request->body);
                if (!call->body)
                        return -ENOMEM;
        }
        return call->url && call->origin_url ? make_headers(call, request) : -ENOMEM;
}

HttpCall *http_call_new(HttpPool *pool, const HttpRequest *request, Error *err)
{
        HttpCall *call = calloc(1, sizeof(*call));

        if (!call) {
                (void)error_oom(err);
                return NULL;
        }
        call->pool = pool;
        if (fill(call, request) < 0) {
                (void)error_oom(err);
                return http_call_free(call);
        }
        return call;
}
