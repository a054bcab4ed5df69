/* The end of a pass that succeeded: heads, conditions and the state of the component. */

#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "sync/sync-moves.h"
#include "sync/sync.h"

/* --- heads ------------------------------------------------------------------------------------ */

/* Stores the facts of the images of a new head, if this pass read its manifest. A release with this
 * digest then needs no request for them. */
static void put_head_images(Sync *sync, const char *digest)
{
        const Manifest *manifest = map_get(&sync->manifests, digest);

        if (manifest && manifest->facts.n > 0)
                changes_put_head_images(&sync->changes, sync->component->id.text, &manifest->facts);
}

static void move_head(Sync *sync, const HeadMove *move)
{
        ComponentState *component = sync->component;
        const Channel *from = move->from;
        const TagState *to = move->to;
        const char *const data[] = { "component",   component->subject.name,
                                     "componentId", component->id.text,
                                     "channel",     move->channel,
                                     "tag",         to ? to->tag : NULL,
                                     "digest",      to ? to->digest : NULL,
                                     "semver",      to ? to->version : NULL,
                                     "fromTag",     from ? from->tag : NULL,
                                     "fromDigest",  from ? from->digest : NULL,
                                     "fromSemver",  from ? from->semver : NULL,
                                     "firstSync",   sync_is_first(sync) ? "true" : NULL,
                                     NULL };
        usec_t now = time_wall();

        if (!to)
                changes_delete_channel(&sync->changes, component->id.text, move->channel);
        else
                changes_put_channel(&sync->changes, component->id.text,
                                    &(Channel){
                                            .name = move->channel,
                                            .tag = to->tag,
                                            .digest = to->digest,
                                            .semver = to->version,
                                            .sort_key = tag_state_key(to),
                                            .specificity = to->specificity,
                                            .moved_at = now,
                                    });
        if (to)
                put_head_images(sync, to->digest);
        report_event(&sync->changes, EVENT_VERSION_UPDATED, component->subject, now, data);
        if (to)
                sync_note(sync, LOG_LEVEL_INFO, "component '%s': channel '%s' is now at %s",
                          component->subject.name, move->channel, to->tag);
        else
                sync_note(sync, LOG_LEVEL_INFO,
                          "component '%s': channel '%s' no longer has a version",
                          component->subject.name, move->channel);
}

/* --- conditions ------------------------------------------------------------------------------- */

static void tell_ready(Changes *changes, const ComponentState *component)
{
        report_condition(changes, component->subject,
                         (Told){ CONDITION_READY, CONDITION_TRUE, "Synced", time_wall() },
                         "%lld tags", (long long)component->state.n_tags);
}

static void tell_held(Sync *sync)
{
        const TagSet *tags = &sync->tags;

        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_READY, CONDITION_FALSE, "TagListShrunk", time_wall() },
                "the registry lists %zu tags where %zu were: none counts as gone until it has "
                "stayed so for the recheck interval",
                tags->n_listed, tags->n_before);
        sync_note(
                sync, LOG_LEVEL_WARNING,
                "component '%s': the registry lists %zu tags where %zu were; none counts as gone yet",
                sync->component->subject.name, tags->n_listed, tags->n_before);
}

/* True if requests failed and no version has a digest, so the component offers no version. */
static bool is_unresolved(const Sync *sync)
{
        return sync->first_problem && !sync->survey.has_resolved;
}

/* True if no rule of the component matches a tag of the list. */
static bool is_unmatched(const Sync *sync)
{
        return sync->tags.n_listed > 0 && sync->tags.n_eligible == 0 &&
               sync->component->spec->version_rules.n > 0;
}

static void tell_readiness(Sync *sync)
{
        const TagSet *tags = &sync->tags;
        const Subject subject = sync->component->subject;
        bool unresolved = is_unresolved(sync);

        sync->component->is_empty = unresolved || is_unmatched(sync);
        if (tags->held)
                tell_held(sync);
        else if (unresolved)
                report_condition(
                        &sync->changes, subject,
                        (Told){ CONDITION_READY, CONDITION_FALSE, "NothingResolved", time_wall() },
                        "no digest is known for any of %zu versions (%zu tags); first: %s",
                        tags->n_eligible, tags->n_listed, sync->first_problem);
        else if (sync->component->is_empty)
                report_condition(
                        &sync->changes, subject,
                        (Told){ CONDITION_READY, CONDITION_FALSE, "NothingMatches", time_wall() },
                        "none of %zu tags is a version by versionRules; relmanctl explain %s shows "
                        "the reason for each",
                        tags->n_listed, subject.name);
        else
                tell_ready(&sync->changes, sync->component);
}

static void tell_missing_heads(Sync *sync, const HeadPlan *heads)
{
        ComponentState *component = sync->component;

        if (heads->n_missing == 0) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_HEAD_MISSING);
                return;
        }
        report_condition(
                &sync->changes, component->subject,
                (Told){ CONDITION_HEAD_MISSING, CONDITION_TRUE, "TagGone", time_wall() },
                "the head of channel '%s' is no longer listed by the registry%s; it stays the head "
                "(allowDowngrade: true would let it go back)",
                heads->missing[0], heads->n_missing > 1 ? ", and others" : "");
}

/* Sorts by channel, then by version, the newest first. */
static int compare_held(const TagState *a, const TagState *b)
{
        int c = strcmp(a->channel, b->channel);

        return c != 0 ? c : -tag_state_compare(a, b);
}

/* Reports one version that waits for minimumAge. Sets sync->hold_ends_at to the time when the first
 * of them is old enough. */
static void tell_waiting(Sync *sync)
{
        ComponentState *component = sync->component;
        const TagPicks *held = &sync->survey.held;
        const TagState *first = NULL;
        char until[TIME_TEXT_SIZE], age[DURATION_TEXT_SIZE];

        sync->hold_ends_at = 0;
        for (size_t i = 0; i < held->n; i++) {
                const TagState *state = held->items[i];

                first = first && compare_held(first, state) < 0 ? first : state;
                sync->hold_ends_at =
                        i == 0 ? state->held_until : MIN(sync->hold_ends_at, state->held_until);
        }
        if (!first) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_HELD);
                return;
        }
        report_condition(&sync->changes, component->subject,
                         (Told){ CONDITION_HELD, CONDITION_TRUE, "TooYoung", time_wall() },
                         "channel '%s': %s (%s) waits until %s, for minimumAge %s%s",
                         first->channel, first->tag, first->digest,
                         time_format(first->held_until, until),
                         duration_format(component->spec->minimum_age, age),
                         held->n > 1 ? "; and others" : "");
}

static void tell_unfit(Sync *sync)
{
        const TagSet *tags = &sync->tags;

        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_WARNING, CONDITION_TRUE, tags->unfit_reason, time_wall() },
                "skipped: %s, %s%s", tags->unfit->tag, tags->unfit_why,
                tags->n_unfit > 1 ? "; and older ones" : "");
        sync_note(sync, LOG_LEVEL_WARNING, "component '%s': %s is skipped: %s",
                  sync->component->subject.name, tags->unfit->tag, tags->unfit_why);
}

static void tell_tolerated(Sync *sync)
{
        const TagState *head = sync->tolerated;
        const Manifest *manifest = map_get(&sync->manifests, head->digest);

        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_WARNING, CONDITION_TRUE, "SignatureTolerated", time_wall() },
                "channel '%s': %s is %s", head->channel, head->tag, manifest->signature.detail);
        sync_note(sync, LOG_LEVEL_WARNING, "component '%s': channel '%s': %s is %s",
                  sync->component->subject.name, head->channel, head->tag,
                  manifest->signature.detail);
}

/* Finds the newest head that only a rule with mode warn lets pass, and whether the result of a head
 * ends at some time. */
static void find_tolerated(Sync *sync)
{
        sync->tolerated = NULL;
        sync->has_ending = false;
        map_foreach (&sync->survey.newest.channels, entry) {
                const TagState *head = entry->value;
                const Manifest *manifest = map_get(&sync->manifests, head->digest);

                if (manifest && manifest->signature.policy &&
                    signature_until(&manifest->signature) < USEC_INFINITY)
                        sync->has_ending = true;
                if (manifest && signature_is_tolerated(&manifest->signature) &&
                    (!sync->tolerated || tag_state_compare(head, sync->tolerated) > 0))
                        sync->tolerated = head;
        }
}

static void tell_unread(Sync *sync)
{
        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_WARNING, CONDITION_TRUE, sync->unread_reason, time_wall() }, "%s",
                sync->unread);
        sync_note(sync, LOG_LEVEL_WARNING, "component '%s': %s", sync->component->subject.name,
                  sync->unread);
}

static void tell_no_tags(Sync *sync)
{
        report_condition(&sync->changes, sync->component->subject,
                         (Told){ CONDITION_WARNING, CONDITION_TRUE, "NoTags", time_wall() },
                         "the registry lists no tag of '%s'; check imageRepository",
                         sync->component->repository);
}

static void tell_no_versions(Sync *sync)
{
        report_condition(&sync->changes, sync->component->subject,
                         (Told){ CONDITION_WARNING, CONDITION_TRUE, "NothingMatches", time_wall() },
                         "none of %zu tags is a version by the rules of this component; "
                         "relmanctl explain says why of each",
                         sync->tags.n_listed);
}

/* Warns that some versions are read as days. The head may then be older than other versions. */
static void tell_counters(Sync *sync)
{
        const TagSet *tags = &sync->tags;

        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_WARNING, CONDITION_TRUE, "DateFormatMissing", time_wall() },
                "%zu tag%s skipped, such as '%s', %s; if the last number is a counter, "
                "set versioningStrategy.dateFormat: YYYY.MM.MICRO",
                tags->n_counters, tags->n_counters == 1 ? " is" : "s are", tags->counter,
                tags->n_counters == 1 ? "which is no date" : "which are no dates");
}

/* Reports the condition Warning: the component works, but probably not as intended. */
static void tell_warning(Sync *sync)
{
        ComponentState *component = sync->component;
        const TagSet *tags = &sync->tags;
        size_t unused = 0;

        sync_tell_flips(sync);
        if (sync->flips_told)
                return;
        if (sync_warn_of_mirror(sync))
                return;
        if (sync->unread)
                tell_unread(sync);
        else if (sync->list_warning)
                report_condition(
                        &sync->changes, component->subject,
                        (Told){ CONDITION_WARNING, CONDITION_TRUE, "LayoutAmbiguous", time_wall() },
                        "%s", sync->list_warning);
        else if (tags->problem)
                report_condition(&sync->changes, component->subject,
                                 (Told){ CONDITION_WARNING, CONDITION_TRUE, "PatternTooCostly",
                                         time_wall() },
                                 "%s", tags->problem);
        else if (component->spec->versioning_strategy.follow && !tags->held &&
                 tags->n_eligible == 0)
                report_condition(&sync->changes, component->subject,
                                 (Told){ CONDITION_WARNING, CONDITION_TRUE, "FollowedTagMissing",
                                         time_wall() },
                                 "the registry lists no tag '%s', which is to be followed",
                                 component->spec->versioning_strategy.follow);
        else if (tags->n_listed == 0 && tags->n_eligible == 0 && !tags->held)
                tell_no_tags(sync);
        else if (tags->n_listed > 0 && tags->n_eligible == 0)
                tell_no_versions(sync);
        else if (tags->n_unfit > 0)
                tell_unfit(sync);
        else if (sync->tolerated)
                tell_tolerated(sync);
        else if (tags->n_counters > 0)
                tell_counters(sync);
        else if (tags->n_listed > 0 &&
                 version_policy_unused_rules(component->policy, &unused, 1) > 0)
                report_condition(&sync->changes, component->subject,
                                 (Told){ CONDITION_WARNING, CONDITION_TRUE, "RuleNeverMatches",
                                         time_wall() },
                                 "versionRules[%zu] (pattern '%s') has not taken any tag", unused,
                                 component->spec->version_rules.items[unused].pattern);
        else if (sync->n_rejected > 0)
                report_condition(
                        &sync->changes, component->subject,
                        (Told){ CONDITION_WARNING, CONDITION_TRUE, "TagsRejected", time_wall() },
                        "%zu names in the registry's list are no tags and were skipped, first "
                        "'%s'",
                        sync->n_rejected, sync->rejected ? sync->rejected : "");
        else
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_WARNING);
}

/* --- end of the pass -------------------------------------------------------------------------- */

static void put_state(Sync *sync)
{
        ComponentState *component = sync->component;
        const TagSet *tags = &sync->tags;
        SyncState state = component->state;

        if (sync->listed_anew) {
                state.n_tags = (int64_t)tags->n_listed;
                component->n_gone = tags->n - MIN(tags->n, tags->n_listed);
        }
        state.n_missing = (int64_t)tags->n_missing;
        if (!tags->held)
                state.held_since = 0;
        else if (state.held_since == 0)
                state.held_since = time_wall();
        /* The digest of the list is stored only if the next pass may skip an unchanged list. It may
         * not if the list is held back or outdated, or if no rule matches. It may not either if a
         * tag has a problem, no digest, no row or an unaccepted flip, or if a signature may follow.
         */
        (void)snprintf(
                state.list_digest, sizeof(state.list_digest), "%s",
                tags->held || sync->list_stale || sync->n_problems > 0 || tags->n_unsigned > 0 ||
                                sync->tolerated || sync->has_ending || sync->n_pending > 0 ||
                                sync_has_rest(sync) || component->flips.n > 0 || is_unmatched(sync)
                        ? ""
                        : sync->list_digest);
        memcpy(state.list_etag, sync->list_etag, sizeof(state.list_etag));
        memcpy(state.rules_digest, sync->rules_digest, sizeof(state.rules_digest));
        if (streq(state.list_digest, component->state.list_digest) &&
            streq(state.list_etag, component->state.list_etag) &&
            streq(state.rules_digest, component->state.rules_digest) &&
            state.n_tags == component->state.n_tags &&
            state.n_missing == component->state.n_missing &&
            state.held_since == component->state.held_since)
                return;
        state.synced_at = time_wall();
        changes_put_sync(&sync->changes, component->id.text, &state);
        component->state = state;
}

static int commit_round(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        SyncState before = component->state;
        HeadPlan heads;
        int r;

        find_tolerated(sync); /* before plan_heads() takes tags out of the survey */
        if (plan_heads(&sync->tags, &sync->channels, component->spec->allow_downgrade,
                       &sync->survey, &sync->arena, &heads) < 0)
                return error_oom(err);
        sync_report_moved(sync); /* before the events of heads */
        for (size_t i = 0; i < heads.n_moves; i++)
                move_head(sync, &heads.moves[i]);
        put_state(sync);
        tell_readiness(sync);
        tell_missing_heads(sync, &heads);
        tell_waiting(sync);
        sync_tell_history(sync);
        r = sync_keeps_mirror_warning(sync, err);
        if (r == 0)
                tell_warning(sync);
        if (r >= 0)
                r = sync_moves_report(sync, err);
        if (r >= 0 && sync->drift && !component->in_background)
                r = sync_tell_drift(sync, err);
        if (r >= 0)
                r = sync_flush(sync, err);
        if (r < 0) {
                component->state = before;
                return r;
        }
        r = sync_tell_platforms(sync, err);
        if (r < 0)
                return r;
        component->n_pending = sync->n_pending;
        if (!sync->owes_versions)
                component->owes_versions = component->owes_again = false;
        if (!component->in_background) /* a request may set it during a background pass */
                component->rules_changed = false;
        return 0;
}

int sync_survey(Sync *sync, usec_t until, Error *err)
{
        sync->survey.wants_names = sync_ends_history(sync);
        return sync_slice(tag_survey_step(&sync->survey, &sync->tags, until), err);
}

/* Continues in the background, or ends the pass. */
static int go_on(Sync *sync)
{
        if (!sync_has_rest(sync))
                return sync_ends(sync, SYNC_ENDS);
        (void)sync_to(sync, SYNC_ROUND);
        return sync->component->in_background ? SYNC_AGAIN : SYNC_LEAVE;
}

int sync_finish(Sync *sync, usec_t until, Error *err)
{
        int r = commit_round(sync, err);

        (void)until;
        tag_survey_done(&sync->survey);
        if (r < 0)
                return r;
        if (sync->drift)
                return go_on(sync);
        sync->asks_live = sync->heads_committed = true;
        return sync_to(sync, SYNC_LIVE);
}

static int tell_success(Sync *sync, Error *err)
{
        ComponentState *component = sync->component;
        int r = 0;

        if (!sync->have_tags && !sync->gave_up &&
            (component->attempted_at == 0 || component->n_failures > 0))
                tell_ready(&sync->changes, component);
        if (component->flips.n > 0 && !component->flips_told)
                sync_tell_flips(sync);
        else if (component->flips.n == 0)
                r = sync_tell_mirror(sync, err);
        if (r >= 0)
                r = sync_tell_drift(sync, err);
        if (r >= 0)
                r = sync_flush(sync, err);
        return r < 0 ? r : sync_tell_platforms(sync, err);
}

int sync_finish_live(Sync *sync, usec_t until, Error *err)
{
        int r = tell_success(sync, err);

        (void)until;
        if (r < 0)
                return r;
        if (sync->gave_up)
                return error_set(err, ERROR_INVALID, -E2BIG,
                                 "%s; until then nothing that is known of this component changes",
                                 sync->gave_up);
        return go_on(sync);
}
