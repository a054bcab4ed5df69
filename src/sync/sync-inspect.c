/* The manifests a pass needs before it can choose: rounds of asking and judging, until no more are
 * wanted. Each digest is asked for once, before it heads a channel. */

#include <errno.h>

#include "base/limits.h"
#include "sync/sync-moves.h"
#include "sync/sync.h"

static void next_round(Sync *sync);

static JudgeInput judge_input(const Sync *sync)
{
        return (JudgeInput){
                .spec = sync->component->spec,
                .policy = sync->component->policy,
                .manifests = &sync->manifests,
                .guard = &sync->guard,
                .channels = &sync->channels,
                .now = time_wall(),
        };
}

static int load_manifests(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        Manifests known;
        int r;

        if (sync->has_manifests)
                return 0;
        sync->has_manifests = true;
        r = store_manifests(component->poller->control->store, component->id.text, &sync->arena,
                            &known, err);
        for (size_t i = 0; i < known.n && r >= 0; i++) {
                r = map_put(&sync->manifests, known.items[i].digest, &known.items[i], NULL);
                if (r < 0)
                        return error_oom(err);
        }
        return MIN(r, 0);
}

/* The list is read again next time. */
static void note_unread(Sync *sync, TagState *state, const Error *error)
{
        const JudgeInput input = judge_input(sync);

        judge_unread(state, &input);
        sync->n_problems++;
        sync->n_unread++;
        if (sync->unread)
                return;
        sync->unread_reason = error->kind == ERROR_HOSTILE ? "NotBelieved" : "ManifestMissing";
        sync->unread =
                arena_printf(&sync->arena, "tag '%s' %s, its manifest %s: %s", state->tag,
                             state->eligible ? "still heads its channel, but" : "is left out",
                             error->kind == ERROR_HOSTILE ? "is not believed" : "cannot be read",
                             error_message(error));
}

static void feed(Sync *sync);

static void on_manifest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        _cleanup_(error_done) Error own = { 0 };
        int r = 0;

        call->call = NULL;
        sync->n_calls--;
        if (error && !sync_is_of_the_tag(error)) {
                sync_end(sync, error);
                return;
        }
        if (error)
                note_unread(sync, call->state, error);
        else
                r = sync_keep_manifest(sync, manifest, &own);
        if (r < 0)
                sync_end(sync, &own);
        else
                feed(sync);
}

static int ask(Sync *sync, TagState *state, Error *err)
{
        ComponentState *component = sync->component;
        bool created = component->spec->versioning_strategy.order_by == ORDER_BY_CREATED;
        SyncCall *call = sync_free_call(sync);
        int r;

        if (!call)
                return error_set(err, ERROR_INTERNAL, -EBUSY, "no place for another request");
        *call = (SyncCall){ .sync = sync, .tag = state->tag, .state = state };
        r = (created ? registry_inspect : registry_fetch)(
                component->registry->client, component->repository, state->digest,
                (ManifestReceiver){ on_manifest, call }, &call->call, err);
        if (r >= 0)
                sync->n_calls++;
        return r;
}

/* The sync may have ended when it returns. */
static void feed(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };

        while (sync->n_calls < SYNC_WINDOW && sync->next_wanted < sync->wanted.n)
                if (ask(sync, sync->wanted.items[sync->next_wanted++], &error) < 0) {
                        sync_end(sync, &error);
                        return;
                }
        if (sync->n_calls == 0)
                next_round(sync);
}

/* What was learnt is kept, so that the next pass goes on from there. */
static void stop_inspecting(Sync *sync)
{
        static const char *next = "relmand goes on at the next poll; skip such tags with "
                                  "ignoreTags or tagPattern";
        _cleanup_(error_done) Error error = { 0 };

        if (sync_flush(sync, &error) < 0) {
                sync_end(sync, &error);
                return;
        }
        if (sync->n_artifacts > 0)
                (void)error_set(&error, ERROR_INVALID, -E2BIG,
                                "%zu versions newer than any image were checked, and are none: "
                                "first %s, %s; %s",
                                sync->n_artifacts, sync->tags.unfit->tag, sync->tags.unfit_why,
                                next);
        else
                (void)error_set(
                        &error, ERROR_INVALID, -E2BIG,
                        "the manifests of the newest %zu versions cannot be read: first %s; "
                        "%s",
                        sync->n_unread, sync->unread, next);
        sync_end(sync, &error);
}

static void next_round(Sync *sync)
{
        JudgeInput input = judge_input(sync);
        _cleanup_(error_done) Error error = { 0 };
        int r;

        sync->next_wanted = 0;
        sync->wanted = (JudgeWants){ 0 };
        r = judge_tags(&sync->tags, &input, &sync->arena);
        if (r >= 0)
                r = judge_wants(&sync->tags, &input, &sync->arena, &sync->wanted);
        if (r < 0) {
                (void)error_oom(&error);
                sync_end(sync, &error);
        } else if (sync->wanted.n > 0 &&
                   sync->n_artifacts + sync->n_unread >= ARTIFACTS_PER_PASS_MAX)
                stop_inspecting(sync);
        else if (sync->wanted.n > 0)
                feed(sync);
        else
                sync->inspected(sync);
}

void sync_inspect(Sync *sync, SyncThen then)
{
        _cleanup_(error_done) Error error = { 0 };

        sync->inspected = then;
        if (load_manifests(sync, &error) < 0 || sync_moves_load(sync, &error) < 0)
                sync_end(sync, &error);
        else
                next_round(sync);
}
