/* The condition Resolving of a component whose older versions have no digest yet, and the one event
 * versions.resolved about them. */

#include "base/limits.h"
#include "base/log.h"
#include "store/events.h"
#include "sync/sync.h"

#define NAMED 10 /* versions that the event names */

bool sync_is_history(const Sync *sync, const TagState *state)
{
        return !state->assigned && state->first_seen_at == sync->listed_first_at;
}

/* True if no pass before this one stored the tag. */
static bool is_new_tag(const Sync *sync, const TagState *state)
{
        return (size_t)(state - sync->tags.items) >= sync->tags.n_known;
}

/* The first round requests a new tag only as the head of a channel: that is news. */
bool sync_is_quiet(const Sync *sync, const TagState *state)
{
        if (state->moved || !sync_is_history(sync, state))
                return false;
        if (sync->component->in_background)
                return true;
        return sync->resumes_history && !(sync->is_phased && is_new_tag(sync, state));
}

/* The pass before this one may have ended before all tags of the first list had rows. Which of the
 * others were in that list is not known then: all count as history. */
void sync_find_history(Sync *sync)
{
        TagSet *tags = &sync->tags;
        bool rows_lack =
                sync->resumes_history && (int64_t)tags->n_before < sync->component->state.n_tags;

        for (size_t i = 0; i < tags->n; i++) {
                TagState *state = &tags->items[i];

                if (rows_lack && is_new_tag(sync, state) && !state->assigned)
                        state->first_seen_at = sync->listed_first_at;
                sync->has_history =
                        sync->has_history || (state->resolve && sync_is_history(sync, state));
        }
}

int sync_read_history(Sync *sync, Error *err)
{
        const ComponentState *component = sync->component;
        Conditions conditions;
        int r;

        r = store_conditions(component->poller->control->store, KIND_COMPONENT, component->id.text,
                             &sync->arena, &conditions, err);
        for (size_t i = 0; i < conditions.n && r >= 0; i++) {
                const Condition *condition = &conditions.items[i];

                if (condition->type != CONDITION_RESOLVING)
                        continue;
                sync->is_resolving = true;
                sync->resumes_history = condition_known_reason(condition) == REASON_HISTORY;
        }
        return MIN(r, 0);
}

void sync_tell_progress(Sync *sync)
{
        size_t n_all = MAX(sync->tags.n_eligible, sync->n_pending);
        bool history = sync->has_history || sync->resumes_history;

        sync->is_resolving = true;
        report_condition(
                &sync->changes, sync->component->subject,
                (Told){ CONDITION_RESOLVING, CONDITION_TRUE,
                        history ? known_reason_to_string(REASON_HISTORY) : "NewTags", time_wall() },
                "resolved %zu of %zu versions; heads and their releases are current, the others "
                "follow in the background, newest first",
                n_all - sync->n_pending, n_all);
}

/* The newest versions, of all channels, newest first. */
static size_t find_newest(const Sync *sync, const TagState *newest[NAMED])
{
        size_t n = 0;

        for (size_t i = 0; i < sync->tags.n; i++) {
                const TagState *state = &sync->tags.items[i];
                size_t at = n;

                if (!tag_state_is_candidate(state))
                        continue;
                while (at > 0 && tag_state_compare(state, newest[at - 1]) > 0)
                        at--;
                if (at == NAMED)
                        continue;
                n = MIN(n + 1, (size_t)NAMED);
                memmove(&newest[at + 1], &newest[at], (n - 1 - at) * sizeof(*newest));
                newest[at] = state;
        }
        return n;
}

static void tell_history(Sync *sync)
{
        ComponentState *component = sync->component;
        const TagState *newest[NAMED];
        size_t n = find_newest(sync, newest);
        char *names = n > 0 ? arena_strdup(&sync->arena, newest[0]->version) : NULL;
        char *count = arena_printf(&sync->arena, "%zu", sync->versions.n_names);
        const char *data[] = { "component",   component->subject.name,
                               "componentId", component->id.text,
                               "count",       count,
                               "newest",      NULL,
                               "firstSync",   "true",
                               NULL };

        for (size_t i = 1; i < n && names; i++)
                names = arena_printf(&sync->arena, "%s, %s", names, newest[i]->version);
        data[7] = names;
        report_event(&sync->changes, EVENT_VERSIONS_RESOLVED, component->subject, time_wall(),
                     data);
        sync_note(sync, LOG_LEVEL_NOTICE, "component '%s': all %zu versions are resolved",
                  component->subject.name, sync->versions.n_names);
}

void sync_tell_history(Sync *sync)
{
        if (sync->n_pending > 0) {
                sync_tell_progress(sync);
                return;
        }
        if (!sync->is_resolving)
                return;
        sync->is_resolving = false;
        changes_clear_condition(&sync->changes, KIND_COMPONENT, sync->component->id.text,
                                CONDITION_RESOLVING);
        if (sync->has_history || sync->resumes_history)
                tell_history(sync);
        sync->has_history = sync->resumes_history = false;
}
