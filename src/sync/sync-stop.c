/* Ends a pass early. */

#include <malloc.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "release/tag-guard.h"
#include "sync/sync.h"

Sync *sync_free(Sync *sync)
{
        bool is_large = sync && MAX(sync->tags.n, sync->listed.n) > SYNC_LARGE;

        if (!sync)
                return NULL;
        registry_call_cancel(sync->list_call);
        for (size_t i = 0; i < SYNC_WINDOW; i++) {
                registry_call_cancel(sync->calls[i].call);
                verification_cancel(sync->calls[i].verification);
        }
        verify_policy_done(&sync->verify);
        map_done(&sync->live_manifests);
        model_unref(sync->model);
        error_done(&sync->verify_error);
        sd_event_source_disable_unref(sync->next_slice);
        tag_set_done(&sync->tags);
        tag_heads_done(&sync->heads);
        tag_order_done(&sync->rest);
        tag_limit_done(&sync->limit);
        listed_tags_done(&sync->listed);
        version_plan_done(&sync->versions);
        map_done(&sync->used);
        sync_notes_drop(sync);
        map_done(&sync->manifests);
        judging_done(&sync->judging);
        tag_survey_done(&sync->survey);
        tag_guard_done(&sync->guard);
        changes_done(&sync->changes);
        arena_done(&sync->arena);
        free(sync);
        if (is_large) /* malloc() would keep this memory in fragments, which the next large pass
                         could not use */
                (void)malloc_trim(0);
        return NULL;
}

void sync_restart(ComponentState *component)
{
        component->sync = sync_free(component->sync);
        component->in_background = false;
        schedule_leave(component);
        schedule_leave_turn(component);
        schedule_leave_background(component);
        component->state_known = false; /* the next pass reads the assignments again */
        sync_waiters_restart(component);
        component_state_due(component, 0);
}

void sync_keep_answers(Sync *sync)
{
        _cleanup_(error_done) Error error = { 0 };

        if (sync_flush(sync, &error) < 0)
                log_error("component '%s': %s", sync->component->subject.name,
                          error_message(&error));
}

void sync_cut(ComponentState *component)
{
        if (!component->sync)
                return;
        sync_keep_answers(component->sync);
        component->sync = sync_free(component->sync);
        component->in_background = false;
        component->owes_again = component->owes_versions;
}

void sync_wait(ComponentState *component)
{
        sync_cut(component);
        schedule_leave(component);
        schedule_leave_turn(component);
        control_kick(component->poller->control);
}

void sync_yield(ComponentState *component)
{
        sync_cut(component);
        schedule_leave(component);
        schedule_leave_turn(component);
        schedule_leave_background(component);
        component_state_due(component, 0);
}
