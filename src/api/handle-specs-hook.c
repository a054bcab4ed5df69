/* POST /hooks/specs: a Git server reports a push, and relmand fetches the specs at once. */

#include "api/hook-request.h"
#include "base/log.h"

static bool knows_secret(Request *request, const HookProof *proof)
{
        HookSecret secret = { .of = "specs.git" };
        SpecsGitStatus git;

        if (!reconciler_git_status(request->api->reconciler, &git) || !git.spec->hook_credential)
                return false;
        secret.credential = git.spec->hook_credential;
        return hook_check(request, &secret, proof);
}

/* Checks the proofs that are in the head. handle_specs_hook() checks those that need the body. */
bool admit_specs_hook(Request *request)
{
        const HookProof proof = hook_proof(request);

        return hook_needs_body(&proof) || knows_secret(request, &proof) ||
               hook_refuse(request) != 0;
}

int handle_specs_hook(Request *request, Error *err)
{
        const HookProof proof = hook_proof(request);
        _cleanup_(error_done) Error garbage = { 0 };
        bool is_ours = false;
        HookPush push;
        int r;

        (void)err;
        if (!knows_secret(request, &proof))
                return hook_refuse(request);
        /* accept other events too: some senders stop at the first refusal */
        request->answer.status = 202;
        r = hook_push(proof.body, proof.body_size, &request->arena, &push, &garbage);
        if (r < 0)
                log_warning("specs.git: a hook's body is not understood: %s",
                            error_message(&garbage));
        if (r > 0)
                is_ours = reconciler_git_pushed(request->api->reconciler, push.repository,
                                                push.branch);
        (void)buffer_printf(&request->answer.body, "{\"fetches\":%s}\n",
                            is_ours ? "true" : "false");
        return 0;
}
