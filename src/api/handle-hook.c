/* POST /hooks/v1/{registry}: something was pushed there, look now. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/hook.h"
#include "base/log.h"
#include "base/secret.h"

static HookProof proof_of(Request *request)
{
        const char *signature = request_header(request, "X-Hub-Signature-256");
        const char *in_url = request_parameter(request, "secret");

        return (HookProof){
                .body = request->body.data ? request->body.data : "",
                .body_size = request->body.size,
                .hub_signature = signature ? signature : request_header(request, "X-Signature"),
                .nexus_signature = request_header(request, "X-Nexus-Webhook-Signature"),
                .authorization = request_header(request, "Authorization"),
                .gitlab_token = request_header(request, "X-Gitlab-Token"),
                .in_url = in_url ? in_url : request_query(request, "token"),
        };
}

/* Who shows nothing that fits learns nothing, not even which registries there are. */
static int refuse(Request *request)
{
        request_problem(request, 401, "this hook is not known, or its secret is not the right one");
        request->answer.header[0][0] = "WWW-Authenticate";
        request->answer.header[0][1] = "Bearer";
        return 0;
}

int handle_hook(Request *request, Error *err)
{
        Reconciler *reconciler = request->api->reconciler;
        const char *tenant = request_query(request, "tenant");
        const RegistrySpec *registry =
                reconciler_find_registry(reconciler, tenant ? tenant : DEFAULT_TENANT,
                                         request_parameter(request, "registry"));
        const HookProof proof = proof_of(request);
        _cleanup_(secret_forget) char *secret = NULL;
        _cleanup_(error_done) Error garbage = { 0 };
        Strings repositories;
        size_t n = 0;
        int r;

        if (!registry || (!registry->hook.secret_file && !registry->hook.secret_credential))
                return refuse(request);
        r = secret_read(&(SecretPlace){ .file = registry->hook.secret_file,
                                        .credential = registry->hook.secret_credential,
                                        .folder = request->api->options.credentials },
                        &secret, err);
        if (r < 0)
                return error_prefix(err, r, "registry '%s'", registry->object.meta.name);
        if (!hook_is_authentic(&proof, secret))
                return refuse(request);
        /* what cannot be understood is taken too: some senders stop at the first refusal, or send
         * the same again for ever */
        request->answer.status = 202;
        r = hook_repositories(proof.body, proof.body_size, &request->arena, &repositories,
                              &garbage);
        if (r < 0)
                log_warning("registry '%s': a hook's body is not understood: %s",
                            registry->object.meta.name, error_message(&garbage));
        for (size_t i = 0; i < repositories.n && r >= 0; i++)
                n += reconciler_look(reconciler, registry, repositories.items[i]);
        (void)buffer_printf(&request->answer.body, "{\"components\":%zu}\n", n);
        return 0;
}
