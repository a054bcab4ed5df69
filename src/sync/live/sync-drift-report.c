/* Reports the drift that a pass has found: rows, events and conditions. */

#include <errno.h>

#include "base/log.h"
#include "base/text.h"
#include "store/events.h"
#include "sync/sync.h"

static Store *store_of(const Sync *sync)
{
        return sync->component->poller->control->store;
}

static bool is_served(const DriftItem *item)
{
        return !item->gone && !item->gone_platform;
}

/* Returns the reason of the condition, in one word. */
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
                        .since = time_wall(),
                        .change = item->change,
                        .is_live = item->live->environment != NULL };
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
                                     "release",
                                     item->live->release,
                                     "environment",
                                     item->live->environment,
                                     "severity",
                                     item->live->environment ? "warning" : "info",
                                     "reason",
                                     item->not_believed ? "TagMoved" : reason_of(item),
                                     "change",
                                     is_served(item) ? image_change_to_string(item->change) : NULL,
                                     NULL };

        report_event(&sync->changes, EVENT_DRIFT_DETECTED, component->subject, time_wall(), data);
}

/* Returns a text that names the release that has the digest, and its environment. */
static const char *holder_of(Sync *sync, const DriftItem *item)
{
        const TagDigest *live = item->live;
        const char *text =
                live->environment
                        ? arena_printf(&sync->arena, "release '%s' in environment '%s'",
                                       live->release, live->environment)
                        : arena_printf(&sync->arena, "release '%s', which no environment has,",
                                       live->release);

        return text ? text : "a release";
}

/* Writes the condition about a tag that has another image now, and says what differs. */
static void tell_moved(Sync *sync, Told told, const DriftItem *item, const char *more)
{
        const char *change = image_change_text(item->change), *why = item->not_believed;

        report_condition(&sync->changes, sync->component->subject, told,
                         "tag '%s' is now %s; %s keeps %s%s%s%s%s%s", item->live->tag, item->now,
                         holder_of(sync, item), item->live->digest, *change ? ": " : "", change,
                         why ? "; its manifest is not believed: " : "", why ? why : "", more);
}

/* Writes the condition Drift. Its status is False if no environment has, or is getting, a release
 * with drift. The condition is then only information. */
static void tell_condition(Sync *sync, const DriftItem *first, size_t n)
{
        ComponentState *component = sync->component;
        const char *more = n > 1 ? "; and others" : "", *holder;
        Told told = { CONDITION_DRIFT, CONDITION_TRUE, NULL, time_wall() };

        if (n == 0) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_DRIFT);
                return;
        }
        told.reason = reason_of(first);
        told.status = first->live->environment ? CONDITION_TRUE : CONDITION_FALSE;
        holder = holder_of(sync, first);
        if (first->gone)
                report_condition(&sync->changes, component->subject, told,
                                 "the registry no longer has %s, which %s needs: push that image "
                                 "again, or promote another release%s",
                                 first->live->digest, holder, more);
        else if (first->gone_platform)
                report_condition(&sync->changes, component->subject, told,
                                 "the registry still has %s, which %s needs, but no longer its "
                                 "image for %s: push that image again, or promote another "
                                 "release%s",
                                 first->live->digest, holder, first->gone_platform, more);
        else
                tell_moved(sync, told, first, more);
}

static bool has_drifted(const DriftItem *item)
{
        return !is_served(item) || item->drifts;
}

/* Returns the severity. Releases in an environment come first, then digests that cannot be deployed
 * any more. */
static int rank(const DriftItem *item)
{
        return (item->live->environment ? 3 : 0) + (item->gone ? 2 : item->gone_platform ? 1 : 0);
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

        for (size_t i = 0; sync->drift && i < sync->live.n && !first; i++)
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

/* Returns 1 if the warning is stored. Without mirrors, only the first pass of a process reads it.
 */
static int is_warned_of_mirror(Sync *sync, Error *err)
{
        const ComponentState *component = sync->component;
        Conditions conditions;
        int r;

        if (component->attempted && !registry_has_mirrors(component->registry->client))
                return 0;
        r = store_conditions(store_of(sync), KIND_COMPONENT, component->id.text, &sync->arena,
                             &conditions, err);
        return r < 0 ? r : warns_of_mirror(&conditions);
}

int sync_keeps_mirror_warning(Sync *sync, Error *err)
{
        return sync->drift ? 0 : is_warned_of_mirror(sync, err);
}

int sync_tell_mirror(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        int warns = is_warned_of_mirror(sync, err);

        if (warns < 0)
                return warns;
        if (warns && !sync_warn_of_mirror(sync)) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_WARNING);
                /* the next pass reads the complete list again and finds other warnings */
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

/* Drift whose rows must be written. */
typedef struct NewDrift {
        DriftItem **items;
        bool *is_silent;  /* the event was sent before, for a release of an environment */
        ImagePair *pairs; /* only if the tag moved */
        size_t n;
} NewDrift;

/* Finds new drift. Removes drift that has not ended from the map. */
static int find_new(Sync *sync, Map *told, NewDrift *fresh)
{
        for (size_t i = 0; i < sync->live.n; i++) {
                DriftItem *item = &sync->drift[i];
                Drift drift = drift_of(item);
                const Drift *known;
                const char *key;

                if (!has_drifted(item))
                        continue;
                key = key_of(sync, &drift);
                if (!key)
                        return -ENOMEM;
                known = map_remove(told, key);
                item->change = known ? known->change : IMAGE_CHANGE_UNKNOWN;
                if (known && known->is_live == drift.is_live)
                        continue;
                fresh->is_silent[fresh->n] = known && !drift.is_live;
                fresh->pairs[fresh->n] =
                        (ImagePair){ item->live->digest,
                                     is_served(item) && item->now ? item->now : "", 0 };
                fresh->items[fresh->n++] = item;
        }
        return 0;
}

/* Stores new drift, and adds its events. */
static int tell_new(Sync *sync, Map *told, bool *changed)
{
        size_t n = sync->live.n + 1;
        NewDrift fresh = {
                .items = arena_alloc_array(&sync->arena, n, sizeof(*fresh.items)),
                .is_silent = arena_alloc_array(&sync->arena, n, sizeof(*fresh.is_silent)),
                .pairs = arena_alloc_array(&sync->arena, n, sizeof(*fresh.pairs)),
        };

        if (!fresh.items || !fresh.is_silent || !fresh.pairs || find_new(sync, told, &fresh) < 0)
                return -ENOMEM;
        sync_compare_images(sync, fresh.pairs, fresh.n);
        for (size_t i = 0; i < fresh.n; i++) {
                DriftItem *item = fresh.items[i];
                Drift drift;

                if (fresh.pairs[i].change != IMAGE_CHANGE_UNKNOWN)
                        item->change = fresh.pairs[i].change;
                drift = drift_of(item);
                changes_put_drift(&sync->changes, sync->component->id.text, &drift);
                if (!fresh.is_silent[i])
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
        /* The row of a deleted digest does not say whether the digest itself or the image of a
         * platform was deleted. So each pass writes the condition again. */
        if (!changed && !(first && !is_served(first)))
                return 0;
        tell_condition(sync, first, n);
        if (changed && n > 0)
                sync_note(sync, LOG_LEVEL_WARNING,
                          "component '%s': %zu digest%s of live releases %s drifted",
                          component->subject.name, n, text_plural(n), n == 1 ? "has" : "have");
        return 0;
}
