/* Reports older versions that have no digest yet: the condition Resolving, and one event
 * versions.resolved at the end. */

#include "base/limits.h"
#include "base/log.h"
#include "store/events.h"
#include "sync/sync.h"

bool sync_is_history(const Sync *sync, const TagState *state)
{
        return !state->assigned && state->first_seen_at == sync->listed_first_at;
}

/* True if no earlier pass stored the tag. */
static bool is_new_tag(const Sync *sync, const TagState *state)
{
        return (size_t)(state - sync->tags.items) >= sync->tags.n_known;
}

/* True if the event versions.resolved reports the version of the tag, together with others.
 * Otherwise the version has its own event, like those of new tags of the first round, which are
 * heads. */
bool sync_is_quiet(const Sync *sync, const TagState *state)
{
        if (state->moved || !sync_is_history(sync, state))
                return false;
        if (sync->component->in_background)
                return true;
        return sync->resumes_history && !(sync->is_phased && is_new_tag(sync, state));
}

static int read_history(Sync *sync, Error *err)
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

/* Marks a tag as history. If an earlier pass ended before all tags of the first list had rows, the
 * other tags of that list are unknown. All new tags then count as history. */
static int visit_history(TagState *state, void *userdata)
{
        Sync *sync = ((const SyncWalk *)userdata)->sync;
        bool rows_lack = sync->resumes_history &&
                         (int64_t)sync->tags.n_before < sync->component->state.n_tags;

        if (rows_lack && is_new_tag(sync, state) && !state->assigned)
                state->first_seen_at = sync->listed_first_at;
        sync->has_history = sync->has_history || (state->resolve && sync_is_history(sync, state));
        return 0;
}

int sync_find_history(Sync *sync, usec_t until, Error *err)
{
        /* no read if the last pass left nothing to resolve */
        if (sync->at == 0 &&
            (sync->n_pending > 0 || sync->component->state.list_digest[0] == '\0')) {
                int r = read_history(sync, err);

                if (r < 0)
                        return r;
        }
        return sync_walk(sync, visit_history, until, err);
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

static void tell_history(Sync *sync)
{
        ComponentState *component = sync->component;
        const TagState *const *newest = sync->survey.named;
        size_t n = sync->survey.n_named;
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

bool sync_ends_history(const Sync *sync)
{
        return sync->n_pending == 0 && sync->is_resolving &&
               (sync->has_history || sync->resumes_history);
}

void sync_tell_history(Sync *sync)
{
        bool ends = sync_ends_history(sync);

        if (sync->n_pending > 0) {
                sync_tell_progress(sync);
                return;
        }
        if (!sync->is_resolving)
                return;
        sync->is_resolving = false;
        changes_clear_condition(&sync->changes, KIND_COMPONENT, sync->component->id.text,
                                CONDITION_RESOLVING);
        if (ends)
                tell_history(sync);
        sync->has_history = sync->resumes_history = false;
}
