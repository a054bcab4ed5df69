/* Checks the digests of live releases in every pass. Most of their tags were requested by earlier
 * stages.
 *
 * There is drift
 * - if the tag of a live digest has another image for a platform that the component requests, or
 * - if the registry no longer has the digest, or the image of such a platform.
 * A new index with the same images is not drift. */

#include <errno.h>

#include "base/log.h"
#include "control/images.h"
#include "release/admission.h"
#include "store/events.h"
#include "store/images.h"
#include "sync/sync.h"

/* bytes of the digests of an image and its platforms as JSON */
#define IMAGE_KEYS_MAX ((size_t)1024 * 1024)

static Store *store_of(const Sync *sync)
{
        return sync->component->poller->control->store;
}

/* --- comparison ------------------------------------------------------------------------------- */

/* Returns 1 if the manifest is known; otherwise *ret is NULL. */
static int find_manifest(Sync *sync, const char *digest, const Manifest **ret, Error *err)
{
        const Manifest *fetched = map_get(&sync->manifests, digest);
        Manifest *stored;
        int r;

        *ret = fetched ? fetched : map_get(&sync->live_manifests, digest);
        if (*ret || map_has(&sync->live_manifests, digest))
                return *ret != NULL;
        stored = arena_alloc(&sync->arena, sizeof(*stored));
        if (!stored)
                return error_oom(err);
        r = store_manifest(store_of(sync), sync->component->id.text, digest, &sync->arena, stored,
                           err);
        *ret = r > 0 ? stored : NULL;
        return r;
}

/* Evaluates a live digest by the facts that are known so far. */
static int admit(Sync *sync, const DriftItem *item, Admission *ret, Error *err)
{
        bool follows = str_equal(item->now, item->live->digest);
        AdmissionFacts facts = { .now = item->now, .gone_platform = item->gone_platform };
        int r = 0;

        /* if the tag still has this digest, the registry serves the digest, but maybe not the
         * images of an index */
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

/* Compares the images; compares only the digests if a manifest is unknown. */
static int compare(Sync *sync, DriftItem *item, Error *err)
{
        Admission admission;
        int r = admit(sync, item, &admission, err);

        if (r >= 0)
                item->drifts = admission.verdict == ADMISSION_MOVED ||
                               admission.verdict == ADMISSION_NEEDS_MANIFEST;
        return r;
}

/* Reads the stored manifests of all live digests in one statement. */
static int read_live(Sync *sync, Error *err)
{
        Strings digests = { arena_alloc_array(&sync->arena, sync->live.n + 1, sizeof(char *)), 0 };
        Manifests found;
        int r = 0;

        if (!digests.items)
                return error_oom(err);
        for (; digests.n < sync->live.n && r >= 0; digests.n++) {
                digests.items[digests.n] = sync->live.items[digests.n].digest;
                r = map_put(&sync->live_manifests, digests.items[digests.n], NULL, NULL);
        }
        if (r < 0)
                return error_oom(err);
        r = store_manifests_of(store_of(sync), sync->component->id.text, &digests, &sync->arena,
                               &found, err);
        for (size_t i = 0; i < found.n && r >= 0; i++)
                if (map_put(&sync->live_manifests, found.items[i].digest, &found.items[i], NULL) <
                    0)
                        return error_oom(err);
        return MIN(r, 0);
}

/* --- requests --------------------------------------------------------------------------------- */

static void take_facts(Sync *sync, const Manifest *manifest)
{
        const Strings *keep = &sync->component->spec->keep_labels;
        ImageFactList facts;

        /* without memory the facts are not known */
        if (image_facts_copy_kept(&manifest->facts, keep, &sync->arena, &facts) >= 0)
                for (size_t i = 0; i < facts.n; i++)
                        changes_put_image(&sync->changes, &facts.items[i]);
        sync_note_configs(sync, &manifest->facts);
}

static void take_check(Sync *sync, DriftItem *item, const Manifest *manifest)
{
        take_facts(sync, manifest);
        if (manifest->only_mirror)
                item->mirror = arena_strdup(&sync->arena, manifest->only_mirror);
        if (manifest->gone_platform)
                item->gone_platform = arena_strdup(&sync->arena, manifest->gone_platform->platform);
}

/* Ends the check of a digest. Then the referrers of a digest that was due for a check are found,
 * and the configurations of its images are read. */
static int next_after_check(Sync *sync, DriftItem *item)
{
        if (item->gone || item->gone_platform)
                return DRIFT_ASKS_NOTHING;
        if (item->finds_referrers) {
                item->finds_referrers = false;
                /* the next check follows after the recheck interval */
                changes_put_manifest(&sync->changes, sync->component->id.text, item->manifest,
                                     time_wall());
                return DRIFT_ASKS_REFERRERS;
        }
        return item->unread.n > 0 ? DRIFT_ASKS_CONFIGS : DRIFT_ASKS_NOTHING;
}

/* Finds the next request that a live digest needs. Each request is sent once. */
static int next_question(Sync *sync, DriftItem *item, Error *err)
{
        const Manifest *known;
        Admission admission;
        int r = admit(sync, item, &admission, err);

        if (r < 0)
                return r;
        /* a version may keep a digest that its tag no longer has; the registry must still serve the
         * digest */
        if (admission.verdict == ADMISSION_NEEDS_CHECK ||
            (admission.verdict == ADMISSION_MOVED && !item->checked)) {
                item->checked = true;
                return DRIFT_ASKS_CHECK;
        }
        if (admission.verdict != ADMISSION_NEEDS_MANIFEST || item->fetched)
                return next_after_check(sync, item);
        item->fetched = true;
        r = find_manifest(sync, item->now, &known, err);
        return r < 0 ? r : r == 0 ? DRIFT_ASKS_MANIFEST : next_after_check(sync, item);
}

/* True if the answers decide nothing. A registry that fails to answer then does not fail the pass:
 * it may serve configurations from another host, which relmand cannot reach. */
static bool is_extra(DriftAsks asks)
{
        return asks == DRIFT_ASKS_REFERRERS || asks == DRIFT_ASKS_CONFIGS;
}

static void take_referrers(Sync *sync, const Manifest *manifest)
{
        if (manifest && manifest->facts.n > 0 && manifest->facts.items[0].others.n > 0)
                changes_put_referrers(&sync->changes, &manifest->facts.items[0]);
}

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        SyncCall *call = userdata;
        Sync *sync = call->sync;
        DriftItem *item = call->drift;
        _cleanup_(error_done) Error own = { 0 };
        int r = 0;

        if (is_extra(item->asks) && error && error->kind != ERROR_CANCELED)
                error = NULL;
        if (!sync_take_back(call, error)) {
                sync_keep_answers(sync); /* store the digests of tags */
                sync_go_on(sync, -EIO, error);
                return;
        }
        if (item->asks == DRIFT_ASKS_REFERRERS)
                take_referrers(sync, manifest);
        else if (item->asks == DRIFT_ASKS_CONFIGS && manifest)
                take_facts(sync, manifest);
        else if (error && item->asks == DRIFT_ASKS_CHECK)
                item->gone = error->kind == ERROR_NOT_FOUND;
        else if (!error && item->asks == DRIFT_ASKS_CHECK)
                take_check(sync, item, manifest);
        else if (error && error->kind == ERROR_HOSTILE)
                item->not_believed = arena_strdup(&sync->arena, error_message(error));
        else if (!error && item->asks == DRIFT_ASKS_MANIFEST)
                r = sync_keep_manifest(sync, manifest, &own);
        item->asks = DRIFT_ASKS_NOTHING;
        item->next_answered = sync->answered;
        sync->answered = item;
        sync_go_on(sync, r < 0 ? r : SYNC_AGAIN, &own);
}

static int ask_configs(Sync *sync, DriftItem *item, SyncCall *call, Error *err)
{
        const ImagesQuestion question = { .repository = sync->component->repository,
                                          .digest = item->live->digest,
                                          .skip_digest = true,
                                          .platforms = item->unread,
                                          .way = IMAGES_FETCH };

        item->unread.n = 0;
        return registry_check_images(sync->component->registry->client, &question,
                                     (ManifestReceiver){ on_digest, call }, &call->call, err);
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
                                     .skip_digest = !item->reads &&
                                                    str_equal(item->now, item->live->digest),
                                     .platforms = item->images,
                                     .way = item->reads ? IMAGES_READ : IMAGES_HEAD };
        if (item->asks == DRIFT_ASKS_CHECK)
                r = registry_check_images(component->registry->client, &question, receiver,
                                          &call->call, err);
        else if (item->asks == DRIFT_ASKS_REFERRERS)
                r = registry_find_referrers(component->registry->client,
                                            &(ReferrersQuestion){ component->repository,
                                                                  item->live->digest,
                                                                  item->manifest->platforms },
                                            receiver, &call->call, err);
        else if (item->asks == DRIFT_ASKS_CONFIGS)
                r = ask_configs(sync, item, call, err);
        else
                r = registry_fetch(component->registry->client, component->repository, item->now,
                                   receiver, &call->call, err);
        if (r >= 0)
                sync->n_calls++;
        return r;
}

static int ask_next(Sync *sync, DriftItem *item, Error *err)
{
        int r = next_question(sync, item, err);

        if (r <= 0)
                return r;
        item->asks = (DriftAsks)r;
        return ask(sync, item, err);
}

/* Finds the images whose configurations are unknown. The check before a release does not read
 * those. */
static int find_unread(Sync *sync, DriftItem *item, const ImageFactList *known)
{
        const PlatformDigests *platforms = &item->manifest->platforms;

        item->unread.items =
                arena_alloc_array(&sync->arena, platforms->n + 1, sizeof(*item->unread.items));
        for (size_t i = 0; item->unread.items && i < platforms->n; i++) {
                const ImageFacts *facts = image_facts_find(known, platforms->items[i].digest);

                if (!facts || !facts->has_config)
                        item->unread.items[item->unread.n++] = platforms->items[i];
        }
        return item->unread.items ? 0 : -ENOMEM;
}

/* Finds all images that the platforms of the component need. An older release of relman did not
 * read which other images an index has: the next check reads the manifests again. A registry that
 * counts pulls, such as Docker Hub, gets no such requests, and none for configurations. */
static int find_wanted(Sync *sync, DriftItem *item, Error *err)
{
        const ComponentState *component = sync->component;
        PlatformDigests platforms = item->manifest->platforms;
        _cleanup_(buffer_done) Buffer keys;
        const ImageFacts *facts;
        ImageFactList images;
        HttpPoolStats stats;
        int r;

        buffer_init(&keys, IMAGE_KEYS_MAX);
        image_keys_add(&keys, item->live->digest, &platforms);
        r = store_images(store_of(sync), &keys, &sync->arena, &images, err);
        if (r < 0)
                return r;
        facts = image_facts_find(&images, item->live->digest);
        if (facts && image_others_add(facts, &sync->arena, &platforms) < 0)
                return error_oom(err);
        registry_stats(component->registry->client, &stats);
        if (stats.remaining < 0) {
                item->reads = platforms.n > 0 && !image_facts_are_complete(facts);
                if (find_unread(sync, item, &images) < 0)
                        return error_oom(err);
        }
        r = admission_images(component->spec, item->live->digest, &platforms, &sync->arena,
                             &item->images);
        return r < 0 ? error_oom(err) : 0;
}

/* Finds the images of platforms that must be checked. They are checked once in each recheck
 * interval, and in each pass while an image is missing. */
static int find_images(Sync *sync, DriftItem *item, Error *err)
{
        const ComponentState *component = sync->component;
        usec_t recheck = component->poller->control->options.recheck_interval, now = time_wall();
        int r = find_manifest(sync, item->live->digest, &item->manifest, err);

        if (r <= 0 ||
            (item->manifest->checked_at <= now && item->manifest->checked_at + recheck > now))
                return MIN(r, 0);
        item->finds_referrers = registry_has_referrers(component->registry->client);
        return find_wanted(sync, item, err);
}

/* Finds the row of a tag: the row of this pass if the pass has tags, otherwise the stored one.
 * Returns 1 if there is one. */
static int find_tag(Sync *sync, const char *tag, TagRecord *ret, Error *err)
{
        const TagState *state = sync->have_tags ? tag_set_find(&sync->tags, tag) : NULL;

        if (!sync->have_tags)
                return store_tag(store_of(sync), sync->component->id.text, tag, &sync->arena, ret,
                                 err);
        if (state)
                *ret = tag_state_record(state);
        return state != NULL;
}

/* Finds the current digest of the item's tag. */
static int begin(Sync *sync, DriftItem *item, Error *err)
{
        TagRecord record;
        int r;

        r = find_images(sync, item, err);
        if (r < 0 || !item->live->tag)
                return r;
        r = find_tag(sync, item->live->tag, &record, err);
        /* a deleted tag has no current digest */
        if (r > 0 && record.missing == 0 && !record.problem)
                item->now = record.digest;
        return MIN(r, 0);
}

/* --- stages ----------------------------------------------------------------------------------- */

int sync_begin_drift(Sync *sync, usec_t until, Error *err)
{
        int r = 0;

        if (!sync->drift) {
                /* without tags in memory the stages below read stored rows, so pending rows are
                 * written first */
                r = sync->have_tags ? 0 : sync_flush(sync, err);
                if (r < 0)
                        return r;
                sync->drift =
                        arena_alloc_array(&sync->arena, sync->live.n + 1, sizeof(*sync->drift));
                if (!sync->drift)
                        return error_oom(err);
                r = sync->live.n > 0 ? read_live(sync, err) : 0;
        }
        while (sync->at < sync->live.n && r >= 0) {
                DriftItem *item = &sync->drift[sync->at];

                *item = (DriftItem){ .live = &sync->live.items[sync->at++] };
                r = begin(sync, item, err);
                if (r >= 0 && time_monotonic() >= until)
                        return SYNC_AGAIN;
        }
        return r < 0 ? r : SYNC_NEXT;
}

/* Returns the next item to check; NULL if there is none. Returns each item once, and again after
 * each answer about it. */
static DriftItem *next_item(Sync *sync)
{
        DriftItem *item = sync->answered;

        if (item)
                sync->answered = item->next_answered;
        else if (sync->next_drift < sync->live.n)
                item = &sync->drift[sync->next_drift++];
        return item;
}

/* Sends all needed requests, then compares. */
int sync_compare_drift(Sync *sync, usec_t until, Error *err)
{
        int r = 0;

        while (sync->n_calls < SYNC_WINDOW && r >= 0) {
                DriftItem *item = next_item(sync);

                if (!item)
                        break;
                r = ask_next(sync, item, err);
                if (r >= 0 && time_monotonic() >= until)
                        return SYNC_AGAIN;
        }
        if (r < 0 || sync->n_calls > 0)
                return r < 0 ? r : SYNC_WAIT;
        while (sync->at < sync->live.n && r >= 0) {
                r = compare(sync, &sync->drift[sync->at++], err);
                if (r >= 0 && time_monotonic() >= until)
                        return SYNC_AGAIN;
        }
        if (r < 0)
                return r;
        return sync->have_tags && !sync->heads_committed ? SYNC_NEXT : sync_to(sync, SYNC_LIVE_END);
}
