/* Reads content by digest from a mirror if the registry does not serve it. Questions about tags are
 * never sent to mirrors. The bytes from a mirror are used only if they match the digest. */

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

/* Adds an error to call->error. The message of call->error lists the error of the registry, then
 * the error of each mirror. */
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
        /* if the registry refused or its answer was hostile, no mirror is used */
        if (call->error.kind == ERROR_NONE && error->kind != ERROR_UNREACHABLE &&
            error->kind != ERROR_NOT_FOUND)
                return false;
        note_error(call, error);
        budget_share_done(&call->share); /* the call to the mirror has its own share */
        while (call->next_mirror < registry->n_mirrors) {
                Registry *mirror = registry->mirrors[call->next_mirror++];
                const ManifestReceiver receiver = { on_mirror, call };
                _cleanup_(error_done) Error own = { 0 };

                if (call->ask_mirror(call, mirror, receiver, &own) >= 0)
                        return true;
                note_error(call, &own);
        }
        return false;
}

bool registry_has_mirrors(const Registry *registry)
{
        return registry->n_mirrors > 0;
}
