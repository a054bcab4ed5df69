/* POST /hooks/v1/{registry}: a registry reports a push, and relmand polls at once.
 *
 * Azure Event Grid first validates the receiver. It sends an event with a code, which the answer
 * must repeat, or for CloudEvents OPTIONS (CloudEvents, HTTP 1.1 Web Hooks, section 4). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/hook-request.h"
#include "base/log.h"
#include "base/secret.h"
#include "model/schema/encode.h"

#define LOG_INTERVAL (60 * USEC_PER_SEC) /* anybody can send hooks; they must not fill the log */

HookProof hook_proof(Request *request)
{
        const char *signature = request_header(request, "X-Hub-Signature-256");
        const char *in_url = request_parameter(request, "secret");

        if (!in_url)
                in_url = request_query(request, "token");
        if (!in_url) /* CloudEvents, HTTP 1.1 Web Hooks, 3.2 */
                in_url = request_query(request, "access_token");

        return (HookProof){
                .body = request->body.data ? request->body.data : "",
                .body_size = request->body.size,
                .hub_signature = signature ? signature : request_header(request, "X-Signature"),
                .gitea_signature = request_header(request, "X-Gitea-Signature"),
                .nexus_signature = request_header(request, "X-Nexus-Webhook-Signature"),
                .authorization = request_header(request, "Authorization"),
                .gitlab_token = request_header(request, "X-Gitlab-Token"),
                .jfrog_token = request_header(request, "X-JFrog-Event-Auth"),
                .in_url = in_url,
        };
}

int hook_refuse(Request *request)
{
        request_problem(request, 401, "this hook is not known, or its secret is not the right one");
        request_challenge(request);
        return 0;
}

static const RegistrySpec *registry_of(const Request *request)
{
        const char *tenant = request_query(request, "tenant");

        return reconciler_find_registry(request->api->reconciler, tenant ? tenant : DEFAULT_TENANT,
                                        request_parameter(request, "registry"));
}

bool hook_check(Request *request, const HookSecret *secret, const HookProof *proof)
{
        _cleanup_(secret_forget) char *text = NULL;
        _cleanup_(error_done) Error error = { 0 };
        Api *api = request->api;
        usec_t now = time_monotonic();
        bool is_authentic;
        int r;

        r = secret_read(&(SecretPlace){ .file = secret->file,
                                        .credential = secret->credential,
                                        .folder = api->options.credentials },
                        &text, &error);
        is_authentic = hook_is_authentic(proof, r < 0 ? NULL : text);
        if (r < 0 && secret->of &&
            (api->hook_logged_at == 0 || now - api->hook_logged_at > LOG_INTERVAL)) {
                log_error("%s: hooks are refused: %s", secret->of, error_message(&error));
                api->hook_logged_at = now;
        }
        return is_authentic;
}

/* Returns false also if the secret cannot be read, and logs the reason. The sender sees no
 * difference from a wrong secret. For an unknown hook the function does the same work with the
 * secret of another hook, so that its time does not show which registries exist. */
static bool knows_secret(Request *request, const RegistrySpec *registry, const HookProof *proof)
{
        const RegistrySpec *any = reconciler_first_hook(request->api->reconciler);
        bool is_hook = registry && registry_has_hook(registry), is_authentic;
        HookSecret secret = { 0 };

        if (!is_hook && !any)
                return false; /* there is no hook at all */
        secret.file = (is_hook ? registry : any)->hook.secret_file;
        secret.credential = (is_hook ? registry : any)->hook.secret_credential;
        if (is_hook)
                secret.of =
                        arena_printf(&request->arena, "registry '%s'", registry->object.meta.name);
        is_authentic = hook_check(request, &secret, proof);
        return is_authentic && is_hook;
}

/* Checks the proofs that are in the head. A signature needs the body, so handle_hook() checks it.
 */
bool admit_hook(Request *request)
{
        const HookProof proof = hook_proof(request);

        return hook_needs_body(&proof) || knows_secret(request, registry_of(request), &proof) ||
               hook_refuse(request) != 0;
}

/* Event Grid accepts only status 200 as consent. */
static int hook_validate(Request *request, const char *code)
{
        request->answer.status = 200;
        (void)buffer_puts(&request->answer.body, "{\"validationResponse\":");
        (void)encode_string(code, &request->answer.body);
        (void)buffer_puts(&request->answer.body, "}\n");
        return 0;
}

/* Consents to events by headers of the answer; the status does not matter. */
int handle_hook_options(Request *request, Error *err)
{
        const char *origin = request_header(request, "WebHook-Request-Origin");
        const HookProof proof = hook_proof(request);

        (void)err;
        if (!knows_secret(request, registry_of(request), &proof))
                return hook_refuse(request);
        request_header_out(request, "Allow", "POST, OPTIONS");
        if (origin && *origin) {
                request_header_out(request, "WebHook-Allowed-Origin", origin);
                request_header_out(request, "WebHook-Allowed-Rate", "*");
        }
        (void)buffer_puts(&request->answer.body, "{\"components\":0}\n");
        return 0;
}

int handle_hook(Request *request, Error *err)
{
        Reconciler *reconciler = request->api->reconciler;
        const RegistrySpec *registry = registry_of(request);
        const HookProof proof = hook_proof(request);
        _cleanup_(error_done) Error garbage = { 0 };
        const char *code;
        Strings repositories;
        size_t n = 0;
        int r;

        (void)err;
        if (!knows_secret(request, registry, &proof))
                return hook_refuse(request);
        code = hook_validation_code(proof.body, proof.body_size, &request->arena);
        if (code)
                return hook_validate(request, code);
        /* accept unknown bodies too: some senders stop at the first refusal, or repeat the request
         * indefinitely */
        request->answer.status = 202;
        r = hook_repositories(proof.body, proof.body_size, &request->arena, &repositories,
                              &garbage);
        if (r < 0)
                log_warning("registry '%s': a hook's body is not understood: %s",
                            registry->object.meta.name, error_message(&garbage));
        for (size_t i = 0; i < repositories.n && r >= 0; i++)
                n += poller_report_push(reconciler_poller(reconciler), registry,
                                        repositories.items[i]);
        (void)buffer_printf(&request->answer.body, "{\"components\":%zu}\n", n);
        return 0;
}
