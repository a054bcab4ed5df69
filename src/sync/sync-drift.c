/* Is what releases hold still what the registry says and has? Asked of every digest of a live
 * release at every pass; the tags of most were asked for already.
 *
 * Drift is: a tag that a live release was made from now leads to another image for a platform that
 * the component wants; or a digest of a live release is gone, or the image of such a platform. An
 * index that was written again around the same images is none. */

#include <errno.h>

#include "base/log.h"
#include "release/admission.h"
#include "store/events.h"
#include "sync/sync.h"

static void feed(Sync *sync);

static Store *store_of(const Sync *sync)
{
        return sync->component->poller->control->store;
}

/* --- comparing -------------------------------------------------------------------------------- */

/* 1 if it is known; else *ret is NULL. */
static int find_manifest(Sync *sync, const char *digest, const Manifest **ret, Error *err)
{
        const Manifest *fetched = map_get(&sync->manifests, digest);
        Manifest *stored;
        int r;

        *ret = fetched;
        if (fetched)
                return 1;
        stored = arena_alloc(&sync->arena, sizeof(*stored));
        if (!stored)
                return error_oom(err);
        r = store_manifest(store_of(sync), sync->component->id.text, digest, &sync->arena, stored,
                           err);
        *ret = r > 0 ? stored : NULL;
        return r;
}

/* What is known of a live digest by now. */
static int admit(Sync *sync, const DriftItem *item, Admission *ret, Error *err)
{
        bool follows = str_equal(item->now, item->live->digest);
        AdmissionFacts facts = { .now = item->now, .gone_platform = item->gone_platform };
        int r = 0;

        /* a tag that leads to it has shown that it is there, but not the images of an index */
        facts.served = item->gone      ? SERVED_NO
                       : item->checked ? SERVED_YES
                       : !follows      ? SERVED_UNKNOWN
                                       : (item->images.n > 0 ? SERVED_UNKNOWN : SERVED_YES);
        if (item->now && !follows) {
                r = find_manifest(sync, item->live->digest, &facts.manifest, err);
                if (r >= 0)
                        r = find_manifest(sync, item->now, &facts.now_manifest, err);
        }
        if (r >= 0)
                *ret = admission_decide(ADMIT_LIVE, sync->component->spec, item->live->digest,
                                        &facts);
        return MIN(r, 0);
}

/* Where a manifest cannot be had the digests decide. */
static int compare(Sync *sync, DriftItem *item, Error *err)
{
        Admission admission;
        int r = admit(sync, item, &admission, err);

        if (r >= 0)
                item->drifts = admission.verdict == ADMISSION_MOVED ||
                               admission.verdict == ADMISSION_NEEDS_MANIFEST;
        return r;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void take_check(Sync *sync, DriftItem *item, const Manifest *manifest)
{
        if (manifest->only_mirror)
                item->mirror = arena_strdup(&sync->arena, manifest->only_mirror);
        if (manifest->gone_platform)
                item->gone_platform = arena_strdup(&sync->arena, manifest->gone_platform->platform);
        else if (item->images.n > 0) /* not due again before the recheck interval is over */
                changes_put_manifest(&sync->changes, sync->component->id.text, item->manifest,
                                     time_wall());
}

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        DriftItem *item = call->drift;

        call->call = NULL;
        sync->n_calls--;
        if (error && !sync_is_of_the_tag(error)) {
                sync_end(sync, error);
                return;
        }
        if (error && item->asks == DRIFT_ASKS_CHECK)
                item->gone = error->kind == ERROR_NOT_FOUND;
        else if (!error && item->asks == DRIFT_ASKS_CHECK)
                take_check(sync, item, manifest);
        else if (error && error->kind == ERROR_HOSTILE)
                item->not_believed = arena_strdup(&sync->arena, error_message(error));
        else if (!error && item->asks == DRIFT_ASKS_MANIFEST) {
                _cleanup_(error_done) Error own = { 0 };

                if (sync_keep_manifest(sync, manifest, &own) < 0) {
                        sync_end(sync, &own);
                        return;
                }
        }
        item->asks = DRIFT_ASKS_NOTHING;
        feed(sync);
}

/* What is still to be learnt of a live digest. Each question is asked once. */
static int next_question(Sync *sync, DriftItem *item, Error *err)
{
        const Manifest *known;
        Admission admission;
        int r = admit(sync, item, &admission, err);

        if (r < 0)
                return r;
        if (admission.verdict == ADMISSION_NEEDS_CHECK) {
                item->checked = true;
                return DRIFT_ASKS_CHECK;
        }
        if (admission.verdict != ADMISSION_NEEDS_MANIFEST || item->fetched)
                return DRIFT_ASKS_NOTHING;
        item->fetched = true;
        r = find_manifest(sync, item->now, &known, err);
        return r < 0 ? r : r == 0 ? DRIFT_ASKS_MANIFEST : DRIFT_ASKS_NOTHING;
}

static int ask(Sync *sync, DriftItem *item, Error *err)
{
        ComponentState *component = sync->component;
        SyncCall *call = sync_free_call(sync);
        const ManifestReceiver receiver = { on_digest, call };
        ImagesQuestion question;
        int r;

        if (!call)
                return error_set(err, ERROR_INTERNAL, -EBUSY, "no place for another request");
        *call = (SyncCall){ .sync = sync, .drift = item };
        question = (ImagesQuestion){ .repository = component->repository,
                                     .digest = item->live->digest,
                                     .skip_digest = str_equal(item->now, item->live->digest),
                                     .platforms = item->images };
        if (item->asks == DRIFT_ASKS_CHECK)
                r = registry_check_images(component->registry->client, &question, receiver,
                                          &call->call, err);
        else
                r = registry_fetch(component->registry->client, component->repository, item->now,
                                   receiver, &call->call, err);
        if (r >= 0)
                sync->n_calls++;
        return r;
}

/* The sync may have ended when it returns. */
static void feed(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = 0;

        for (size_t i = 0; i < sync->live.n && sync->n_calls < SYNC_WINDOW && r >= 0; i++) {
                DriftItem *item = &sync->drift[i];

                if (item->asks != DRIFT_ASKS_NOTHING)
                        continue;
                r = next_question(sync, item, &error);
                if (r <= 0)
                        continue;
                item->asks = (DriftAsks)r;
                r = ask(sync, item, &error);
        }
        for (size_t i = 0; i < sync->live.n && sync->n_calls == 0 && r >= 0; i++)
                r = compare(sync, &sync->drift[i], &error);
        if (r < 0)
                sync_end(sync, &error);
        else if (sync->n_calls == 0)
                sync_drift_known(sync);
}

/* The images of its platforms are asked for once in each recheck interval; as long as one is gone,
 * in each pass. */
static int find_images(Sync *sync, DriftItem *item, Error *err)
{
        const ComponentState *component = sync->component;
        usec_t recheck = component->poller->control->options.recheck_interval, now = time_wall();
        int r = find_manifest(sync, item->live->digest, &item->manifest, err);

        if (r <= 0 ||
            (item->manifest->checked_at <= now && item->manifest->checked_at + recheck > now))
                return MIN(r, 0);
        r = admission_images(component->spec, item->live->digest, &item->manifest->platforms,
                             &sync->arena, &item->images);
        return r < 0 ? error_oom(err) : 0;
}

/* What each tag leads to by now: as this pass found it, or as stored. */
static int begin(Sync *sync, Error *err)
{
        const char *id = sync->component->id.text;

        sync->drift = arena_alloc_array(&sync->arena, sync->live.n + 1, sizeof(*sync->drift));
        if (!sync->drift)
                return error_oom(err);
        for (size_t i = 0; i < sync->live.n; i++) {
                DriftItem *item = &sync->drift[i];
                TagRecord record;
                int r;

                *item = (DriftItem){ .live = &sync->live.items[i] };
                r = find_images(sync, item, err);
                if (r < 0)
                        return r;
                if (!item->live->tag)
                        continue;
                r = store_tag(store_of(sync), id, item->live->tag, &sync->arena, &record, err);
                if (r < 0)
                        return r;
                /* of a tag that is gone nothing is known now but that */
                if (r > 0 && record.missing == 0 && !record.problem)
                        item->now = record.digest;
        }
        return 0;
}

void sync_drift(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };
        int r;

        r = sync_flush(sync, &error);
        if (r >= 0)
                r = begin(sync, &error);
        if (r < 0)
                sync_end(sync, &error);
        else
                feed(sync);
}

/* --- telling ---------------------------------------------------------------------------------- */

static bool is_served(const DriftItem *item)
{
        return !item->gone && !item->gone_platform;
}

/* One word for what is wrong. */
static const char *reason_of(const DriftItem *item)
{
        if (item->gone)
                return "DigestGone";
        if (item->gone_platform)
                return "PlatformGone";
        return item->not_believed ? "NotBelieved" : "TagMoved";
}

static Drift drift_of(const DriftItem *item)
{
        return (Drift){ .tag = item->live->tag ? item->live->tag : "",
                        .released_digest = item->live->digest,
                        .digest = is_served(item) ? item->now : "",
                        .since = time_wall() };
}

static void tell_event(Sync *sync, const DriftItem *item)
{
        ComponentState *component = sync->component;
        const char *const data[] = { "component",
                                     component->subject.name,
                                     "componentId",
                                     component->id.text,
                                     "tag",
                                     item->live->tag,
                                     "releasedDigest",
                                     item->live->digest,
                                     "fromDigest",
                                     item->live->digest,
                                     "digest",
                                     is_served(item) ? item->now : NULL,
                                     "platform",
                                     item->gone ? NULL : item->gone_platform,
                                     "reason",
                                     item->not_believed ? "TagMoved" : reason_of(item),
                                     NULL };

        report_event(&sync->changes, EVENT_DRIFT_DETECTED, component->subject, time_wall(), data);
}

static void tell_condition(Sync *sync, const DriftItem *first, size_t n)
{
        ComponentState *component = sync->component;
        const char *more = n > 1 ? "; and others" : "";
        Told told = { CONDITION_DRIFT, CONDITION_TRUE, NULL, time_wall() };

        if (n == 0) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_DRIFT);
                return;
        }
        told.reason = reason_of(first);
        if (first->gone)
                report_condition(
                        &sync->changes, component->subject, told,
                        "the registry no longer has %s, which live releases hold: push that image "
                        "again, or promote another release%s",
                        first->live->digest, more);
        else if (first->gone_platform)
                report_condition(
                        &sync->changes, component->subject, told,
                        "the registry still has %s, which live releases hold, but no longer "
                        "its image for %s: push that image again, or promote another "
                        "release%s",
                        first->live->digest, first->gone_platform, more);
        else
                report_condition(&sync->changes, component->subject, told,
                                 "tag '%s' is now %s; live releases keep %s%s%s%s",
                                 first->live->tag, first->now, first->live->digest,
                                 first->not_believed ? "; its manifest is not believed: " : "",
                                 first->not_believed ? first->not_believed : "", more);
}

static bool has_drifted(const DriftItem *item)
{
        return !is_served(item) || item->drifts;
}

/* How bad it is: what is gone cannot be deployed any more. */
static int rank(const DriftItem *item)
{
        return item->gone ? 2 : item->gone_platform ? 1 : 0;
}

static const DriftItem *find_first(const Sync *sync, size_t *ret_n)
{
        const DriftItem *first = NULL;

        *ret_n = 0;
        for (size_t i = 0; i < sync->live.n; i++) {
                const DriftItem *item = &sync->drift[i];

                if (!has_drifted(item))
                        continue;
                (*ret_n)++;
                if (!first || rank(item) > rank(first))
                        first = item;
        }
        return first;
}

bool sync_warn_of_mirror(Sync *sync)
{
        const ComponentState *component = sync->component;
        const DriftItem *first = NULL;

        for (size_t i = 0; i < sync->live.n && !first; i++)
                first = sync->drift[i].mirror ? &sync->drift[i] : NULL;
        if (!first)
                return false;
        report_condition(&sync->changes, component->subject,
                         (Told){ CONDITION_WARNING, CONDITION_TRUE,
                                 known_reason_to_string(REASON_ONLY_ON_MIRROR), time_wall() },
                         "registry '%s' no longer has %s, which live releases hold; only its "
                         "mirror %s serves it: push that image to the registry again",
                         registry_name(component->registry->client), first->live->digest,
                         first->mirror);
        return true;
}

static bool warns_of_mirror(const Conditions *conditions)
{
        for (size_t i = 0; i < conditions->n; i++)
                if (conditions->items[i].type == CONDITION_WARNING &&
                    condition_known_reason(&conditions->items[i]) == REASON_ONLY_ON_MIRROR)
                        return true;
        return false;
}

int sync_tell_mirror(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        Conditions conditions;
        bool warns;
        int r;

        if (component->attempted && !registry_has_mirrors(component->registry->client))
                return 0;
        r = store_conditions(store_of(sync), KIND_COMPONENT, component->id.text, &sync->arena,
                             &conditions, err);
        if (r < 0)
                return r;
        warns = warns_of_mirror(&conditions);
        if (warns && !sync_warn_of_mirror(sync)) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_WARNING);
                /* the next pass reads the whole list again and finds other warnings */
                component->state.list_digest[0] = component->state.list_etag[0] = '\0';
        } else if (!warns)
                (void)sync_warn_of_mirror(sync);
        return 0;
}

static const char *key_of(Sync *sync, const Drift *drift)
{
        return arena_printf(&sync->arena, "%s %s %s", drift->tag, drift->released_digest,
                            drift->digest);
}

/* What is new is told; what is over is taken out of told. */
static int tell_new(Sync *sync, Map *told, bool *changed)
{
        const char *id = sync->component->id.text;

        for (size_t i = 0; i < sync->live.n; i++) {
                const DriftItem *item = &sync->drift[i];
                Drift drift = drift_of(item);
                const char *key;

                if (!has_drifted(item))
                        continue;
                key = key_of(sync, &drift);
                if (!key)
                        return -ENOMEM;
                if (map_remove(told, key))
                        continue;
                changes_put_drift(&sync->changes, id, &drift);
                tell_event(sync, item);
                *changed = true;
        }
        return 0;
}

int sync_tell_drift(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        _cleanup_(map_done) Map told = { 0 };
        const DriftItem *first;
        bool changed = false;
        Drifts stored;
        size_t n;
        int r;

        r = store_drift(store_of(sync), component->id.text, &sync->arena, &stored, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < stored.n && r >= 0; i++) {
                const char *key = key_of(sync, &stored.items[i]);

                r = key ? map_put(&told, key, &stored.items[i], NULL) : -ENOMEM;
        }
        if (r < 0 || tell_new(sync, &told, &changed) < 0)
                return error_oom(err);
        map_foreach (&told, entry) {
                changes_delete_drift(&sync->changes, component->id.text, entry->value);
                changed = true;
        }
        first = find_first(sync, &n);
        /* of what is gone the row does not say whether it is the digest or the image of a platform
         */
        if (!changed && !(first && rank(first) > 0))
                return 0;
        tell_condition(sync, first, n);
        if (changed && n > 0)
                sync_note(sync, LOG_LEVEL_WARNING,
                          "component '%s': %zu digests of live releases have drifted",
                          component->subject.name, n);
        return 0;
}
