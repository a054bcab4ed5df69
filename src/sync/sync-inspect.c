/* Evaluates tags and requests the manifests that decide, until no more manifests are needed. Each
 * manifest is requested once, before its digest becomes the head of a channel. */

#include <errno.h>

#include "base/limits.h"
#include "sync/sync-moves.h"
#include "sync/sync.h"

static JudgeInput judge_input(const Sync *sync)
{
        return (JudgeInput){
                .spec = sync->component->spec,
                .policy = sync->component->policy,
                .verify = sync->rules,
                .manifests = &sync->manifests,
                .guard = &sync->guard,
                .channels = &sync->channels,
                .now = sync->judged_at,
        };
}

/* True if the stored result of a verification is used. An image without a valid signature is
 * verified again after as long a time as relmand knew it then, but at least each hour: most images
 * are signed soon after they were pushed. */
static bool counts(const Sync *sync, const Manifest *manifest)
{
        const Signature *signature = &manifest->signature;
        usec_t pause = signature->at - MIN(manifest->checked_at, signature->at), now = time_wall();

        if (!verify_policy_made(&sync->verify, signature))
                return false;
        if (signature->result == SIGNATURE_VALID && !signature_is_tolerated(signature))
                return signature_until(signature) > now;
        return !sync->force_refresh && signature->at + MIN(pause, USEC_PER_HOUR) > now;
}

static int load_manifests(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        Manifests known;
        int r;

        if (sync->has_manifests)
                return 0;
        if (sync->verify_error.kind != ERROR_NONE) {
                r = sync->verify_error.code;
                error_move(err, &sync->verify_error);
                return r;
        }
        sync->has_manifests = true;
        r = store_manifests(component->poller->control->store, component->id.text, &sync->arena,
                            &known, err);
        for (size_t i = 0; i < known.n && r >= 0; i++) {
                if (!counts(sync, &known.items[i]))
                        known.items[i].signature = (Signature){ 0 };
                r = map_put(&sync->manifests, known.items[i].digest, &known.items[i], NULL);
                if (r < 0)
                        return error_oom(err);
        }
        return MIN(r, 0);
}

/* Records a tag whose manifest cannot be read. The next pass reads the list again. */
static void note_unread(Sync *sync, TagState *state, const Error *error)
{
        const JudgeInput input = judge_input(sync);

        judge_unread(state, &input);
        sync->n_problems++;
        sync->n_unread++;
        if (sync->unread)
                return;
        sync->unread_reason = error->kind == ERROR_HOSTILE  ? "NotBelieved"
                              : error->kind == ERROR_DENIED ? "Denied"
                                                            : "ManifestMissing";
        sync->unread =
                arena_printf(&sync->arena, "tag '%s' %s, its manifest %s: %s", state->tag,
                             state->eligible ? "still heads its channel, but" : "is skipped",
                             error->kind == ERROR_HOSTILE ? "is not believed" : "cannot be read",
                             error_message(error));
}

static void on_manifest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        _cleanup_(error_done) Error own = { 0 };
        int r = 0;

        if (!sync_take_back(call, error)) {
                sync_go_on(sync, -EIO, error);
                return;
        }
        if (error)
                note_unread(sync, call->state, error);
        else
                r = sync_keep_manifest(sync, manifest, &own);
        sync_go_on(sync, r < 0 ? r : SYNC_AGAIN, &own);
}

static void on_verified(const Signature *signature, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        const char *digest = call->state->digest;
        _cleanup_(error_done) Error own = { 0 };
        Manifest manifest;
        int r = 0;

        if (!sync_take_back(call, error)) {
                sync_go_on(sync, -EIO, error);
                return;
        }
        manifest = *(const Manifest *)map_get(&sync->manifests, digest);
        manifest.signature = *signature;
        r = sync_keep_manifest(sync, &manifest, &own);
        sync_go_on(sync, r < 0 ? r : SYNC_AGAIN, &own);
}

static int verify(Sync *sync, SyncCall *call, Error *err)
{
        const ComponentState *component = sync->component;
        const Control *control = component->poller->control;
        const VerificationQuestion question = {
                .registry = component->registry->client,
                .repository = component->repository,
                .digest = call->state->digest,
                .policy = &sync->verify,
                .recheck_interval = sync->force_refresh ? 0 : control->options.recheck_interval
        };
        int r = verify_policy_complete(component->spec, sync->rules, &sync->verify, err);

        return r < 0 ? r
                     : verification_start(&question, (VerificationReceiver){ on_verified, call },
                                          &call->verification, err);
}

static int ask(Sync *sync, TagState *state, Error *err)
{
        const JudgeInput input = judge_input(sync);
        ComponentState *component = sync->component;
        bool created = component->spec->versioning_strategy.order_by == ORDER_BY_CREATED;
        SyncCall *call = sync_free_call(sync);
        int r;

        if (!call)
                return error_set(err, ERROR_INTERNAL, -EBUSY, "no place for another request");
        *call = (SyncCall){ .sync = sync, .tag = state->tag, .state = state };
        if (judge_needs_signature(state, &input))
                r = verify(sync, call, err);
        else
                r = (created ? registry_inspect : registry_fetch)(
                        component->registry->client, component->repository, state->digest,
                        (ManifestReceiver){ on_manifest, call }, &call->call, err);
        if (r >= 0)
                sync->n_calls++;
        return r;
}

/* Stores the answers, so that the next pass can continue with them, and returns an error. */
static int stop_inspecting(Sync *sync, Error *err)
{
        static const char *next = "relmand goes on at the next poll; skip such tags with "
                                  "ignoreTags or tagPattern";
        int r = sync_flush(sync, err);

        if (r < 0)
                return r;
        if (sync->n_artifacts > 0)
                return error_set(err, ERROR_INVALID, -E2BIG,
                                 "%zu versions newer than any other were checked, and none is %s: "
                                 "first %s, %s; %s",
                                 sync->n_artifacts,
                                 admission_artifact_wanted(sync->component->spec),
                                 sync->tags.unfit->tag, sync->tags.unfit_why, next);
        return error_set(err, ERROR_INVALID, -E2BIG,
                         "the manifests of the newest %zu versions cannot be read: first %s; %s",
                         sync->n_unread, sync->unread, next);
}

/* --- stages ----------------------------------------------------------------------------------- */

int sync_read_guard(Sync *sync, usec_t until, Error *err)
{
        int r;

        (void)until;
        r = load_manifests(sync, err);
        if (r >= 0)
                r = sync_moves_load(sync, err);
        return r < 0 ? r : SYNC_NEXT;
}

int sync_evaluate(Sync *sync, usec_t until, Error *err)
{
        JudgeInput input;

        if (sync->at++ == 0)
                sync->judged_at = time_wall();
        input = judge_input(sync);
        return sync_slice(judge_tags(&sync->tags, &input, &sync->judging, until, &sync->arena),
                          err);
}

int sync_find_wanted(Sync *sync, usec_t until, Error *err)
{
        JudgeInput input = judge_input(sync);
        int r = judge_wants(&sync->tags, &input, &sync->judging, until, &sync->arena,
                            &sync->wanted);

        if (r != 0)
                return sync_slice(r, err);
        if (sync->wanted.n == 0)
                return sync_to(sync, SYNC_HEADS);
        if (sync->n_artifacts + sync->n_unread >= ARTIFACTS_PER_PASS_MAX)
                return stop_inspecting(sync, err);
        return SYNC_NEXT;
}

int sync_fetch_wanted(Sync *sync, usec_t until, Error *err)
{
        (void)until;
        while (sync->n_calls < SYNC_WINDOW && sync->at < sync->wanted.n) {
                int r = ask(sync, sync->wanted.items[sync->at++], err);

                if (r < 0)
                        return r;
        }
        return sync->n_calls > 0 ? SYNC_WAIT : sync_to(sync, SYNC_EVALUATE);
}
