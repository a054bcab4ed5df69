/* Reads manifests, blobs and lists of referrers as bytes. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/content.h"
#include "registry/layout.h"
#include "registry/tag-links.h"

typedef struct DocumentAsk {
        const char *path;
        const char *const *headers;
} DocumentAsk;

static const DocumentAsk asks[] = {
        [DOCUMENT_MANIFEST] = { "manifests", manifest_headers },
        [DOCUMENT_BLOB] = { "blobs", blob_headers },
        [DOCUMENT_REFERRERS] = { "referrers", index_headers },
};

static void take(RegistryCall *call, const HttpResponse *response, int r, const char *next,
                 Error *error)
{
        const Document document = { response->body, response->body_size, next };

        call_complete_document(call, r < 0 ? NULL : &document, r < 0 ? error : NULL);
        error_done(error);
}

static void on_content(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        Error own = { 0 };
        int r = 0;

        if (error) {
                call_complete_document(call, NULL, error);
                return;
        }
        if (strchr(call->reference, ':'))
                r = answer_check_bytes(call, response, call->reference, &own);
        else if (response->status != 200)
                r = answer_error(call, response, &own);
        take(call, response, r, NULL, &own);
}

usec_t registry_lacked_referrers_at(const Registry *registry)
{
        return registry->lacked_referrers_at;
}

/* True if the status says that the registry does not know the path. Registries without an API for
 * referrers answer so, although the specification allows 404 only. */
static bool is_unknown_path(unsigned status)
{
        return status == 400 || status == 404 || status == 405 || status == 406 || status == 501;
}

static void on_referrers(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        _cleanup_(freep) char *next = NULL;
        Error own = { 0 };
        int r;

        if (error) {
                call_complete_document(call, NULL, error);
                return;
        }
        if (response->status == 200)
                r = tags_next_url(call, call->first_url, response, &next, &own);
        else if (is_unknown_path(response->status)) {
                call->registry->lacked_referrers_at = time_monotonic();
                r = error_set(&own, ERROR_NOT_FOUND, -ENOENT,
                              "the registry has no API for referrers (status %u)",
                              response->status);
        } else
                r = answer_error(call, response, &own);
        take(call, response, r, next, &own);
}

static int ask(RegistryCall *call, const DocumentQuestion *question, Error *err)
{
        bool lists = question->kind == DOCUMENT_REFERRERS;
        RequestPlan plan = { .method = HTTP_GET,
                             .headers = asks[question->kind].headers,
                             .body_max = MANIFEST_MAX,
                             .is_pull = question->kind == DOCUMENT_MANIFEST,
                             .answer = lists ? on_referrers : on_content };

        call->first_url = text_printf("%s/v2/%s/%s/%s", call->registry->url, call->repository,
                                      asks[question->kind].path, question->reference);
        if (!call->first_url)
                return error_oom(err);
        plan.url = strdup(question->page ? question->page : call->first_url);
        return request_start(call, &plan, err);
}

int registry_read_document(Registry *registry, const DocumentQuestion *question,
                           DocumentReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        r = call_new(registry, question->repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->document_done = receiver.done;
        call->reference = strdup(question->reference);
        if (!call->reference)
                return error_oom(err);
        if (registry->is_layout)
                r = layout_start(call,
                                 question->kind == DOCUMENT_REFERRERS ? LAYOUT_REFERRERS
                                                                      : LAYOUT_DOCUMENT,
                                 err);
        else
                r = ask(call, question, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
