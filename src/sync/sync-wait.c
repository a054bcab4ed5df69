/* Answers clients that requested a sync, after the end of a sync that began after their request. */

#include <errno.h>
#include <stdlib.h>

#include "sync/state.h"

struct SyncWaiter {
        ComponentState *component;
        SyncWaiter *next;
        unsigned n_skip; /* number of syncs that began before the request and must end first */
        bool is_due;     /* the sync for which the client waited has ended */
        SyncCommand command;
};

SyncWaiter *sync_waiter_cancel(SyncWaiter *waiter)
{
        if (!waiter)
                return NULL;
        for (SyncWaiter **at = &waiter->component->waiters; *at; at = &(*at)->next)
                if (*at == waiter) {
                        *at = waiter->next;
                        break;
                }
        free(waiter);
        return NULL;
}

void sync_waiters_restart(ComponentState *component)
{
        for (SyncWaiter *waiter = component->waiters; waiter; waiter = waiter->next)
                waiter->n_skip = 0;
}

static SyncWaiter *take_due(ComponentState *component)
{
        for (SyncWaiter **at = &component->waiters; *at; at = &(*at)->next)
                if ((*at)->is_due) {
                        SyncWaiter *waiter = *at;

                        *at = waiter->next;
                        return waiter;
                }
        return NULL;
}

/* Answers the waiters. A completion function may cancel other waiters and add new ones, which wait
 * for the next sync. */
void sync_waiters_tell(ComponentState *component, const Error *error)
{
        SyncWaiter *waiter;

        for (waiter = component->waiters; waiter; waiter = waiter->next) {
                waiter->is_due = waiter->n_skip == 0;
                if (waiter->n_skip > 0)
                        waiter->n_skip--;
        }
        while ((waiter = take_due(component))) {
                waiter->command.done(error, waiter->command.userdata);
                free(waiter);
        }
}

int poller_sync(Poller *poller, const char *component_id, const SyncCommand *command,
                SyncWaiter **ret, Error *err)
{
        ComponentState *component = map_get(&poller->components, component_id);
        SyncWaiter *waiter;

        if (!component)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "the component cannot be served; its conditions say why");
        if (component->spec->suspend)
                return error_set(err, ERROR_CONFLICT, -EBUSY, "component '%s' is suspended",
                                 component->subject.name);
        waiter = calloc(1, sizeof(*waiter));
        if (!waiter)
                return error_oom(err);
        *waiter = (SyncWaiter){ .component = component,
                                .next = component->waiters,
                                .n_skip = component->sync && !component->in_background,
                                .command = *command };
        component->waiters = waiter;
        component->force_refresh = component->force_refresh || command->force_refresh;
        component_state_due(component, 0);
        *ret = waiter;
        return 0;
}
