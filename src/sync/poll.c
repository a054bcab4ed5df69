/* Starts the poll of a component that is due. */

#include "base/log.h"
#include "sync/state.h"

static void start(ComponentState *component)
{
        _cleanup_(error_done) Error error = { 0 };

        if (component->spec->suspend) {
                schedule_skip(component);
                return;
        }
        if (schedule_gives_way(component)) {
                sync_yield(component);
                return;
        }
        if (!schedule_enter(component)) {
                /* the component waits, and holds no tags in memory */
                if (component->turn.waiting) {
                        sync_cut(component);
                        schedule_leave_background(component);
                }
                return;
        }
        if (component->in_background && component->registry->backgrounds.first)
                /* another component may use the place in the background */
                schedule_leave_background(component);
        sync_cut(component);
        if (sync_start(component, &error) < 0) {
                log_error("component '%s': %s", component->subject.name, error_message(&error));
                schedule_after_sync(component, &error);
                sync_waiters_tell(component, &error);
        }
}

usec_t poller_reconcile(Poller *poller, const char *component_id)
{
        ComponentState *component = map_get(&poller->components, component_id);

        if (component && component->in_background && schedule_cut_at(component) > time_monotonic())
                return schedule_cut_at(component);
        if (component && component->sync && !component->in_background)
                component->again = true;
        else if (component && !component->waiting)
                start(component);
        return QUEUE_DONE; /* the end of the poll schedules the next one */
}
