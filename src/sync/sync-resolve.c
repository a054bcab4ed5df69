#include "sync/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "sync/sync-moves.h"

static void feed(Sync *sync);
static void next_round(Sync *sync);

/* --- versions, one slice a turn --------------------------------------------------------------- */

static void versions_written(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = sync_finish(sync, &error);

        if (r < 0 || !sync_has_rest(sync))
                sync_end(sync, r < 0 ? &error : NULL);
        else if (sync->component->in_background || sync_leave(sync))
                next_round(sync);
}

static void versions_planned(Sync *sync)
{
        sync_slices(sync, sync_write_versions, versions_written);
}

static void finish_warm_pass(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = sync_tell_success(sync, &error);

        if (r >= 0 && sync->gave_up)
                r = error_set(&error, ERROR_INVALID, -E2BIG,
                              "%s; until then nothing that is known of this component changes",
                              sync->gave_up);
        sync_end(sync, r < 0 ? &error : NULL);
}

static void compared(Sync *sync)
{
        sync_moves_downgrade(sync);
        if (sync->have_tags)
                sync_slices(sync, sync_plan_versions, versions_planned);
        else
                finish_warm_pass(sync);
}

/* --- digests ---------------------------------------------------------------------------------- */

static int note_problem(Sync *sync, TagState *state, const Error *error)
{
        const char *problem = arena_strdup(&sync->arena, error_message(error));

        state->checked_at = time_wall();
        state->dirty = true;
        sync->n_problems++;
        if (!sync->first_problem)
                sync->first_problem = problem;
        return problem ? tag_state_set_problem(state, problem, &sync->arena) : -ENOMEM;
}

/* What a tag of the set resolved to. */
static int take_digest(Sync *sync, TagState *state, const Manifest *manifest, const Error *error,
                       Error *err)
{
        const TagRecord known = tag_state_record(state);
        int r = error ? 0 : sync_is_flip(sync, &known, manifest->digest, err);

        if (r < 0)
                return r;
        sync->n_resolved++;
        if (r > 0)
                return 0;
        if (error)
                r = note_problem(sync, state, error);
        else
                r = tag_set_resolved(state, manifest->digest, time_wall(), &sync->arena);
        if (r < 0)
                return error_oom(err);
        sync->n_moved += r > 0;
        return sync_write_tag(sync, state, err);
}

/* What a watched tag resolved to while the rules are not applied. */
static int take_alone(Sync *sync, const char *tag, const Manifest *manifest, const Error *error,
                      Error *err)
{
        ComponentState *component = sync->component;
        TagRecord record;
        TagState state;
        int r;

        r = store_tag(component->poller->control->store, component->id.text, tag, &sync->arena,
                      &record, err);
        if (r <= 0)
                return r;
        if (tag_state_of(&record, &sync->arena, &state) < 0)
                return error_oom(err);
        return take_digest(sync, &state, manifest, error, err);
}

/* A watched tag is not what it was: now every tag must be looked at, for the version map and the
 * heads. */
static int leave_warm_pass(Sync *sync, const char *tag, const Manifest *manifest,
                           const Error *error, Error *err)
{
        TagState *state;
        int r;

        if (!sync->have_tags && !sync->gave_up) {
                r = sync_build_tags(sync, NULL, err);
                if (r < 0)
                        return r;
        }
        if (sync->gave_up)
                return take_alone(sync, tag, manifest, error, err);
        state = tag_set_find(&sync->tags, tag);
        return state ? take_digest(sync, state, manifest, error, err) : 0;
}

/* Whether a tag is still what a warm pass knows of it. One that had not been asked for in a long
 * time is noted to have been. */
static int is_as_known(Sync *sync, const char *tag, const char *digest, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        TagRecord record;
        int r;

        r = store_tag(component->poller->control->store, component->id.text, tag, &sync->arena,
                      &record, err);
        if (r <= 0)
                return r;
        if (record.problem)
                return 0;
        r = sync_is_flip(sync, &record, digest, err);
        if (r < 0)
                return r;
        if (r == 0 && !str_equal(record.digest, digest))
                return 0;
        if (record.checked_at + component->poller->control->options.recheck_interval < now) {
                record.checked_at = now;
                changes_put_tag(&sync->changes, component->id.text, &record);
        }
        return 1;
}

static int take_answer(Sync *sync, const char *tag, const Manifest *manifest, const Error *error,
                       Error *err)
{
        TagState *state = sync->have_tags ? tag_set_find(&sync->tags, tag) : NULL;
        int r;

        if (state)
                return take_digest(sync, state, manifest, error, err);
        if (!error) {
                r = is_as_known(sync, tag, manifest->digest, err);
                if (r != 0)
                        return r;
        }
        return leave_warm_pass(sync, tag, manifest, error, err);
}

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        _cleanup_(error_done) Error own = { 0 };
        int r;

        call->call = NULL;
        sync->n_calls--;
        if (error && !sync_is_of_the_tag(error)) {
                (void)sync_flush(sync,
                                 &own); /* what was learnt is kept; the pass has failed anyway */
                sync_end(sync, error);
                return;
        }
        r = take_answer(sync, call->tag, manifest, error, &own);
        if (r >= 0 && call->with_manifest && !error && manifest->size >= 0)
                r = sync_keep_manifest(sync, manifest, &own);
        if (r < 0) {
                sync_end(sync, &own);
                return;
        }
        feed(sync);
}

/* True for a tag that decides a head and has no digest yet: the manifest is needed too. Only in the
 * first round: some registries count each manifest, and there may be many artifacts in a row. */
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
        r = (component->in_background ? registry_resolve_later
             : call->with_manifest    ? registry_resolve_image
                                   : registry_resolve)(client, component->repository, tag, receiver,
                                                       &call->call, err);
        if (r < 0)
                return r;
        sync->n_calls++;
        return 0;
}

/* Rows that need no digest: new tags that are not eligible, tags that are missing or back. */
static int write_other_tags(Sync *sync, Error *err)
{
        while (sync->next_other < sync->tags.n) {
                TagState *state = &sync->tags.items[sync->next_other++];
                size_t n_before = sync->changes.n;
                int r = state->dirty ? sync_write_tag(sync, state, err) : 0;

                if (r < 0)
                        return r;
                if (sync->changes.n < n_before) /* a chunk was written */
                        return 1;
        }
        return 0;
}

/* What releases hold is compared once a pass. */
static void inspected(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = sync_more_heads(sync, &error);

        if (r < 0)
                sync_end(sync, &error);
        else if (r > 0)
                sync_begin_round(sync, feed);
        else if (sync->component->in_background)
                compared(sync);
        else
                sync_drift(sync, compared);
}

static void inspect(Sync *sync)
{
        sync_inspect(sync, inspected);
}

/* The heads do not wait for rows of other tags, if there is a background that writes them. */
static void all_asked(Sync *sync)
{
        if (!sync->have_tags)
                sync_drift(sync, compared);
        else if (sync_has_rest(sync) && !sync->component->in_background)
                inspect(sync);
        else {
                sync->next_other = 0;
                sync_slices(sync, write_other_tags, inspect);
        }
}

/* All rows are stored: now more digests are requested, if there is a place in the background. */
static void rows_written(Sync *sync)
{
        ComponentState *component = sync->component;
        _cleanup_(error_done) Error error = { 0 };

        sync_forget_versions(sync);
        schedule_leave(component);
        if (sync_flush(sync, &error) < 0)
                sync_end(sync, &error);
        else if (schedule_take_background(component)) {
                component->background_since = time_monotonic(); /* not of the time for rows */
                sync_begin_round(sync, feed);
        } else
                sync_wait(component);
}

static void owed_planned(Sync *sync)
{
        sync_slices(sync, sync_write_versions, rows_written);
}

static void others_written(Sync *sync)
{
        if (!sync->owes_versions) {
                rows_written(sync);
                return;
        }
        sync->owes_versions = false;
        sync_slices(sync, sync_plan_versions, owed_planned);
}

/* In the background. All tags have rows before more digests are requested, so that it is known
 * which of them the first list had. */
static void next_round(Sync *sync)
{
        ComponentState *component = sync->component;
        _cleanup_(error_done) Error error = { 0 };

        sync_forget_versions(sync);
        sync->next_other = 0;
        if (store_channels(component->poller->control->store, component->id.text, &sync->arena,
                           &sync->channels, &error) < 0)
                sync_end(sync, &error);
        else
                sync_slices(sync, write_other_tags, others_written);
}

/* Keeps the window full, once the rules have said which tags are to be asked for. */
static void feed(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };

        if (sync->next_build)
                return;
        if (sync->have_tags && !sync->is_ordered && sync_order(sync, &error) < 0) {
                sync_end(sync, &error);
                return;
        }
        if (schedule_must_yield(sync->component)) {
                sync_yield(sync->component);
                return;
        }
        while (sync->n_calls < SYNC_WINDOW) {
                const char *tag = sync_next_tag(sync);

                if (!tag)
                        break;
                if (ask(sync, tag, &error) < 0) {
                        sync_end(sync, &error);
                        return;
                }
        }
        if (sync->n_calls == 0)
                all_asked(sync);
}

/* --- the list --------------------------------------------------------------------------------- */

static int add_watched(Sync *sync, Map *seen, const char *tag)
{
        int r;

        if (!tag)
                return 0;
        r = map_put(seen, tag, sync, NULL);
        if (r > 0)
                sync->watched[sync->n_watched++] = tag;
        return r;
}

/* Heads and live releases every time; of the others, so many that all have had their turn within
 * the recheck interval, those first that wait longest. */
static int find_watched(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        Store *store = component->poller->control->store;
        const char *id = component->id.text;
        usec_t now = time_monotonic(),
               recheck = component->poller->control->options.recheck_interval;
        usec_t since = component->rechecked_at > 0 ? now - component->rechecked_at : 0;
        _cleanup_(map_done) Map seen = { 0 };
        DueTags due = { 0 };
        size_t n_due;
        int r;

        n_due = (size_t)((double)component->state.n_tags * (double)MIN(since, recheck) /
                         (double)MAX(recheck, 1U));
        r = store_channels(store, id, &sync->arena, &sync->channels, err);
        if (r >= 0)
                r = store_live_tags(store, id, &sync->arena, &sync->live, err);
        if (r >= 0 && n_due > 0)
                r = store_due_tags(store, id,
                                   &(DueFilter){ time_wall() - MIN(recheck, time_wall()), n_due },
                                   &sync->arena, &due, err);
        if (r < 0)
                return r;
        if (n_due > 0 || component->rechecked_at == 0)
                component->rechecked_at = now;
        sync->watched = arena_alloc_array(&sync->arena, sync->channels.n + sync->live.n + due.n + 1,
                                          sizeof(*sync->watched));
        if (!sync->watched)
                return error_oom(err);
        for (size_t i = 0; i < sync->channels.n && r >= 0; i++)
                r = add_watched(sync, &seen, sync->channels.items[i].tag);
        for (size_t i = 0; i < sync->live.n && r >= 0; i++)
                r = add_watched(sync, &seen, sync->live.items[i].tag);
        sync->n_urgent = sync->n_watched;
        for (size_t i = 0; i < due.n && r >= 0; i++)
                r = add_watched(sync, &seen, due.items[i]);
        return r < 0 ? error_oom(err) : 0;
}

/* Its list is not kept while another large one is compared: together they would take too much
 * memory. It is read again then. */
static void leave_until_turn(Sync *sync)
{
        ComponentState *component = sync->component;

        component->sync = NULL;
        component->force_refresh = component->force_refresh || sync->force_refresh;
        sync_waiters_restart(component);
        schedule_leave(component);
        sync_free(sync);
        log_info("component '%s': more than %d tags: it waits until another large repository is "
                 "compared",
                 component->subject.name, SYNC_LARGE);
}

static void on_tags(const TagList *list, const Error *error, void *userdata)
{
        Sync *sync = userdata;
        _cleanup_(error_done) Error own = { 0 };
        int r;

        sync->list_call = NULL;
        if (error) {
                sync_end(sync, error);
                return;
        }
        if (!list->unchanged && !schedule_take_turn(sync->component, list->n_tags)) {
                leave_until_turn(sync);
                return;
        }
        memcpy(sync->list_digest, list->digest, sizeof(sync->list_digest));
        memcpy(sync->list_etag, list->etag, sizeof(sync->list_etag));
        sync->list_stale = list->stale;
        sync->listed_anew = !list->unchanged;
        sync->component->list_with_digests = list->with_digests;
        r = find_watched(sync, &own);
        if (list->unchanged && list->with_digests)
                sync->n_watched = sync->n_urgent = 0; /* the list said that they did not change */
        if (r >= 0 && !list->unchanged) {
                sync->n_rejected = list->n_rejected;
                if (list->first_rejected)
                        sync->rejected = arena_strdup(&sync->arena, list->first_rejected);
                if (list->warning)
                        sync->list_warning = arena_strdup(&sync->arena, list->warning);
                sync->listed = *list->owned;
                *list->owned = (ListedTags){ 0 };
                r = sync_build_tags(sync, list, &own);
        }
        if (r < 0)
                sync_end(sync, &own);
        else
                feed(sync);
}

static int know_policy(ComponentState *component, Error *err)
{
        return component->policy ? 0 : version_policy_new(component->spec, &component->policy, err);
}

/* What is held is not kept in the database: the first pass of a process looks at it anew. */
static bool may_have_aged(const ComponentState *component)
{
        if (component->spec->minimum_age == 0)
                return false;
        return !component->attempted ||
               (component->hold_ends_at > 0 && component->hold_ends_at <= time_wall());
}

/* A digest over everything that decides which tag is which version, and which are resolved. */
static void note_rules(const ComponentState *component, char ret_digest[DIGEST_SIZE_MAX])
{
        char all[4 * DIGEST_SIZE_MAX + 32], newest[32] = "";
        int n;

        version_policy_digest(component->spec, ret_digest);
        if (!component->assigned_digest[0] && !component->moves_digest[0] &&
            !component->tags_are_mutable && component->resolve_newest == 0)
                return;
        if (component->resolve_newest > 0)
                (void)snprintf(newest, sizeof(newest), " newest %lld",
                               (long long)component->resolve_newest);
        n = snprintf(all, sizeof(all), "%s %s%s%s%s%s", ret_digest, component->assigned_digest,
                     component->moves_digest[0] ? " " : "", component->moves_digest,
                     component->tags_are_mutable ? " mutable" : "", newest);
        digest_sha256(all, (size_t)n, ret_digest);
}

int sync_start(ComponentState *component, Error *err)
{
        _cleanup_(sync_freep) Sync *sync = calloc(1, sizeof(*sync));
        KnownList known = { 0 };
        int r;

        if (!sync)
                return error_oom(err);
        component_state_renew(component);
        sync->component = component;
        sync->built = feed;
        arena_init(&sync->arena, SYNC_ARENA_MAX);
        changes_init(&sync->changes);
        sync->flips_told = component->flips_told;
        sync->hold_ends_at = component->hold_ends_at;
        r = component_state_read(component, err);
        if (r >= 0)
                r = know_policy(component, err);
        if (r < 0)
                return r;
        sync->force_refresh = component->force_refresh;
        component->force_refresh = false;
        note_rules(component, sync->rules_digest);
        if (!component->attempted && component->state.rules_digest[0] &&
            !streq(component->state.rules_digest, sync->rules_digest))
                component->rules_changed = true;
        /* a tag that waits for its second list, and a version that has become old enough, want this
         * one read, equal or not */
        if (streq(sync->rules_digest, component->state.rules_digest) &&
            component->state.n_missing == 0 && !sync->force_refresh && !component->rules_changed &&
            !may_have_aged(component) && (!component->flips_told || component->flips.n > 0))
                known = (KnownList){ component->state.list_digest, component->state.list_etag,
                                     component->list_with_digests };
        r = registry_list_tags(component->registry->client, component->repository, &known,
                               (TagsReceiver){ on_tags, sync }, &sync->list_call, err);
        if (r < 0)
                return r;
        component->sync = TAKE(sync);
        return 0;
}
