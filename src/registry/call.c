/* Makes, completes and frees calls. */

#include <errno.h>
#include <stdlib.h>

#include "registry/content.h"

int call_set_canceled(const Registry *registry, Error *err)
{
        return error_set(err, ERROR_CANCELED, -ECANCELED,
                         "registry '%s': the request was canceled because the registry's settings "
                         "changed",
                         registry->name);
}

int call_new(Registry *registry, const char *repository, void *userdata, RegistryCall **ret,
             Error *err)
{
        RegistryCall *call;

        if (registry->is_closing)
                return call_set_canceled(registry, err);
        call = calloc(1, sizeof(*call));
        if (!call)
                return error_oom(err);
        call->registry = registry;
        call->userdata = userdata;
        call->share.budget = http_client_budget(registry->http);
        call->repository = strdup(repository);
        if (!call->repository) {
                free(call);
                return error_oom(err);
        }
        call->next = registry->calls;
        if (call->next)
                call->next->previous = call;
        registry->calls = call;
        *ret = call;
        return 0;
}

RegistryCall *call_free(RegistryCall *call)
{
        if (!call)
                return NULL;
        http_call_cancel(call->http);
        call_free(call->inner);
        error_done(&call->error);
        token_leave(call);
        login_leave(call);
        if (call->previous)
                call->previous->next = call->next;
        else
                call->registry->calls = call->next;
        if (call->next)
                call->next->previous = call->previous;
        budget_share_done(&call->share);
        if (call->free_part)
                call->free_part(call);
        free(call->repository);
        free(call->scope);
        free(call->url);
        free(call->sent_token);
        free(call->reference);
        free(call->known_digest);
        free(call->first_url);
        sd_event_source_disable_unref(call->later);
        free(call);
        return NULL;
}

void call_complete(RegistryCall *call, const Manifest *manifest, const Error *error)
{
        ManifestDone done = call->manifest_done;
        void *userdata = call->userdata;

        done(manifest, error, userdata);
        call_free(call);
}

void call_complete_document(RegistryCall *call, const Document *document, const Error *error)
{
        DocumentDone done = call->document_done;
        void *userdata = call->userdata;

        done(document, error, userdata);
        call_free(call);
}
