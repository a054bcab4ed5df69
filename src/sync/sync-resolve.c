/* Requests the digests of tags, and takes the answers. */

#include <errno.h>

#include "base/limits.h"
#include "sync/sync.h"

/* maximum number of requests after the heads were committed: the releases of these heads send
 * theirs at the same time, and should not wait for a busy registry */
#define LIVE_WINDOW 4

/* --- answers ---------------------------------------------------------------------------------- */

static int note_problem(Sync *sync, TagState *state, const char *problem)
{
        const char *copy = arena_strdup(&sync->arena, problem);

        state->checked_at = time_wall();
        state->dirty = true;
        sync->n_problems++;
        if (!sync->first_problem)
                sync->first_problem = copy;
        return copy ? tag_state_set_problem(state, copy, &sync->arena) : -ENOMEM;
}

static int take_digest(Sync *sync, TagState *state, const SyncAnswer *answer, Error *err)
{
        const TagRecord known = tag_state_record(state);
        int r = answer->digest ? sync_is_flip(sync, &known, answer->digest, err) : 0;

        if (r < 0)
                return r;
        sync->n_resolved++;
        if (r > 0)
                return 0;
        if (answer->digest)
                r = tag_set_resolved(state, answer->digest, time_wall(), &sync->arena);
        else
                r = note_problem(sync, state, answer->problem);
        if (r < 0)
                return error_oom(err);
        sync->n_moved += r > 0;
        return sync_write_tag(sync, state, err);
}

/* Handles the answer about a watched tag in a pass that does not apply the rules. */
static int take_alone(Sync *sync, const SyncAnswer *answer, Error *err)
{
        ComponentState *component = sync->component;
        TagRecord record;
        TagState state;
        int r;

        r = store_tag(component->poller->control->store, component->id.text, answer->tag,
                      &sync->arena, &record, err);
        if (r <= 0)
                return r;
        if (tag_state_of(&record, &sync->arena, &state) < 0)
                return error_oom(err);
        return take_digest(sync, &state, answer, err);
}

/* Returns 1 if the tag still has its stored digest, or a digest that is not accepted yet
 * (sync-flips.c); otherwise 0. Stores the time of the check if the last one is longer ago than the
 * recheck interval. state: NULL if the pass does not have the tag. */
static int is_as_known(Sync *sync, TagState *state, const SyncAnswer *answer, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        TagRecord record;
        int r = 1;

        if (!answer->digest)
                return 0;
        if (state)
                record = tag_state_record(state);
        else
                r = store_tag(component->poller->control->store, component->id.text, answer->tag,
                              &sync->arena, &record, err);
        if (r <= 0)
                return r;
        if (record.problem)
                return 0;
        r = sync_is_flip(sync, &record, answer->digest, err);
        if (r < 0)
                return r;
        if (r == 0 && !str_equal(record.digest, answer->digest))
                return 0;
        if (record.checked_at + component->poller->control->options.recheck_interval < now) {
                record.checked_at = now;
                if (state)
                        state->checked_at = now;
                changes_put_tag(&sync->changes, component->id.text, &record);
        }
        return 1;
}

/* Keeps an answer until the tags are built. */
static int take_later(Sync *sync, const SyncAnswer *answer, Error *err)
{
        SyncAnswer *late = arena_alloc(&sync->arena, sizeof(*late));

        if (!late)
                return error_oom(err);
        *late = (SyncAnswer){ .next = sync->late, .tag = answer->tag };
        if (answer->digest)
                late->digest = arena_strdup(&sync->arena, answer->digest);
        else
                late->problem = arena_strdup(&sync->arena, answer->problem);
        if (!late->digest && !late->problem)
                return error_oom(err);
        sync->late = late;
        return SYNC_WAIT;
}

/* Handles an answer. If a tag has changed in a pass without a set of tags, the pass builds the set,
 * because version map and heads depend on all tags. */
static int take_answer(Sync *sync, const SyncAnswer *answer, Error *err)
{
        TagState *state;
        int r;

        if (sync->stage <= SYNC_LATE)
                return take_later(sync, answer, err);
        state = sync->have_tags ? tag_set_find(&sync->tags, answer->tag) : NULL;
        if (state && !sync->heads_committed)
                return take_digest(sync, state, answer, err);
        r = is_as_known(sync, state, answer, err);
        if (r == 0 && state) {
                sync->live_changed = true;
                return take_digest(sync, state, answer, err);
        }
        if (r != 0 || sync->have_tags)
                return r;
        if (sync->gave_up)
                return take_alone(sync, answer, err);
        r = take_later(sync, answer, err);
        return r < 0 ? r : sync_to(sync, SYNC_TAGS);
}

/* Takes the answers that arrived before the set of tags was built, or before the rules turned out
 * to be too slow. This pass does not request these digests again. */
int sync_take_late(Sync *sync, usec_t until, Error *err)
{
        int r = 0;

        (void)until;
        for (; sync->late && r >= 0; sync->late = sync->late->next) {
                TagState *state = NULL;

                if (!sync->have_tags)
                        r = take_alone(sync, sync->late, err);
                else if ((state = tag_set_find(&sync->tags, sync->late->tag)))
                        r = take_digest(sync, state, sync->late, err);
                if (state)
                        state->resolve = false;
        }
        if (r < 0)
                return r;
        return sync->have_tags ? SYNC_NEXT : sync_to(sync, SYNC_RESOLVE);
}

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        _cleanup_(error_done) Error own = { 0 };
        const SyncAnswer answer = { .tag = call->tag,
                                    .digest = error ? NULL : manifest->digest,
                                    .problem = error ? error_message(error) : NULL };
        int r;

        if (!sync_take_back(call, error)) {
                (void)sync_flush(sync, &own); /* keeps the answers; the pass has failed anyway */
                sync_go_on(sync, -EIO, error);
                return;
        }
        r = take_answer(sync, &answer, &own);
        if (r >= 0 && call->with_manifest && !error && manifest->size >= 0)
                r = sync_keep_manifest(sync, manifest, &own);
        sync_go_on(sync, r < 0 ? r : SYNC_AGAIN, &own);
}

/* --- requests --------------------------------------------------------------------------------- */

/* True if the manifest of the tag is requested together with its digest: the tag decides a head,
 * and has no digest yet. Only the first round does that, because some registries count requests for
 * manifests, and many tags in a row may be artifacts. */
static bool needs_manifest(const Sync *sync, const char *tag)
{
        const TagState *state;

        if (!sync->is_phased || sync->component->in_background || sync->n_tries > 0)
                return false;
        state = tag_set_find(&sync->tags, tag);
        return state && !state->digest;
}

static int ask(Sync *sync, const char *tag, Error *err)
{
        ComponentState *component = sync->component;
        SyncCall *call = sync_free_call(sync);
        const ManifestReceiver receiver = { on_digest, call };
        Registry *client = component->registry->client;
        int r;

        if (!call)
                return error_set(err, ERROR_INTERNAL, -EBUSY, "no place for another request");
        *call = (SyncCall){ .sync = sync, .tag = tag, .with_manifest = needs_manifest(sync, tag) };
        r = (component->in_background || sync->heads_committed ? registry_resolve_later
             : call->with_manifest                             ? registry_resolve_image
                                   : registry_resolve)(client, component->repository, tag, receiver,
                                                       &call->call, err);
        if (r < 0)
                return r;
        sync->n_calls++;
        return 0;
}

static int ask_next(Sync *sync, const char *(*next)(Sync *), Error *err)
{
        unsigned window = sync->heads_committed ? LIVE_WINDOW : SYNC_WINDOW;

        while (sync->n_calls < window) {
                const char *tag = next(sync);
                int r = tag ? ask(sync, tag, err) : 0;

                if (r < 0)
                        return r;
                if (!tag)
                        break;
        }
        return sync->n_calls > 0 ? SYNC_WAIT : SYNC_NEXT;
}

/* Sends requests until the window is full. Requests the tags of live releases at the end, unless
 * the heads are committed first. They are not if a tag moved, because its event says what differs,
 * which the check of live releases reads. Skips the stage that writes rows in a pass without tags.
 * Also skips it in the first of several rounds: the background writes the rows later, and the heads
 * do not wait for them. */
int sync_resolve(Sync *sync, usec_t until, Error *err)
{
        int r;

        (void)until;
        if (schedule_must_yield(sync->component))
                return sync_ends(sync, SYNC_ENDS_TO_YIELD);
        r = ask_next(sync, sync_next_tag, err);
        if (r != SYNC_NEXT)
                return r;
        if (!sync->asks_live && (!sync->have_tags || sync->n_moved > 0)) {
                sync->asks_live = true;
                return SYNC_AGAIN;
        }
        if (!sync->have_tags)
                return sync_to(sync, SYNC_DRIFT_BEGIN);
        if (sync_has_rest(sync) && !sync->component->in_background)
                return sync_to(sync, SYNC_GUARD);
        return SYNC_NEXT;
}

/* Requests the tags of live releases after the heads were committed. If a tag changed, versions and
 * heads are planned again, as in a later round. */
int sync_resolve_live(Sync *sync, usec_t until, Error *err)
{
        int r = ask_next(sync, sync_next_watched, err);

        if (r != SYNC_NEXT)
                return r;
        if (!sync->live_changed)
                return sync_to(sync, SYNC_DRIFT_BEGIN);
        sync->heads_committed = false;
        r = sync_begin_round(sync, until, err);
        return r < 0 ? r : sync_to(sync, SYNC_RESOLVE);
}
