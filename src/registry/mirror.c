/* Reads content by digest from a mirror if the registry does not serve it. Only the registry itself
 * decides about tags. A mirror is trusted only for bytes that match the digest. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "registry/internal.h"

static void on_mirror(const Manifest *manifest, const Error *error, void *userdata)
{
        RegistryCall *call = userdata;
        Manifest own;

        call->inner = NULL;
        if (!error) {
                own = *manifest;
                if (call->error.kind == ERROR_NOT_FOUND)
                        own.only_mirror =
                                registry_url(call->registry->mirrors[call->next_mirror - 1]);
                call_complete(call, &own, NULL);
                return;
        }
        if (!mirror_ask(call, error))
                call_complete(call, NULL, &call->error);
}

/* The message has the registry's answer first, then that of each mirror. */
static void note_error(RegistryCall *call, const Error *error)
{
        _cleanup_(freep) char *before = NULL;
        ErrorKind kind = call->error.kind;
        int code = call->error.code;

        if (kind == ERROR_NONE) {
                (void)error_set(&call->error, error->kind, error->code, "%s", error_message(error));
                return;
        }
        before = strdup(error_message(&call->error));
        error_done(&call->error);
        (void)error_set(&call->error, kind, code, "%s; mirror: %s", before ? before : "",
                        error_message(error));
}

bool mirror_ask(RegistryCall *call, const Error *error)
{
        const Registry *registry = call->registry;

        if (call->question == QUESTION_RESOLVE || registry->n_mirrors == 0)
                return false;
        /* a refusal or a hostile answer of the registry is final */
        if (call->error.kind == ERROR_NONE && error->kind != ERROR_UNREACHABLE &&
            error->kind != ERROR_NOT_FOUND)
                return false;
        note_error(call, error);
        budget_share_done(&call->share); /* the call to the mirror takes its own share of memory */
        while (call->next_mirror < registry->n_mirrors) {
                Registry *mirror = registry->mirrors[call->next_mirror++];
                const ManifestReceiver receiver = { on_mirror, call };
                _cleanup_(error_done) Error own = { 0 };
                /* a mirror must prove that it has a digest, by its bytes */
                int r = (call->question == QUESTION_INSPECT ? registry_inspect : registry_fetch)(
                        mirror, call->repository, call->reference, receiver, &call->inner, &own);

                if (r >= 0)
                        return true;
                note_error(call, &own);
        }
        return false;
}

int mirrors_new(Registry *registry, const RegistrySpec *spec, const char *credentials, Error *err)
{
        size_t n = spec ? spec->mirrors.n : 0;

        registry->mirrors = calloc(n + 1, sizeof(Registry *));
        if (!registry->mirrors)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                const RegistryMirror *from = &spec->mirrors.items[i];
                RegistrySpec mirror = { .object = spec->object,
                                        .url = from->url,
                                        .type = REGISTRY_OCI,
                                        .proxy = spec->proxy,
                                        .auth = from->auth,
                                        .tls = from->tls,
                                        .limits = spec->limits };
                _cleanup_(freep) char *name = NULL;
                int r;

                name = text_printf("%s (mirror %s)", spec->object.meta.name, from->url);
                if (!name)
                        return error_oom(err);
                mirror.object.meta.name = name;
                r = registry_new(registry->http, &mirror, NULL, credentials, &registry->mirrors[i],
                                 err);
                if (r < 0)
                        return r;
                registry->n_mirrors++;
        }
        return 0;
}

bool registry_has_mirrors(const Registry *registry)
{
        return registry->n_mirrors > 0;
}

void mirrors_free(Registry *registry)
{
        for (size_t i = 0; i < registry->n_mirrors; i++)
                registry_free(registry->mirrors[i]);
        free(registry->mirrors);
}
