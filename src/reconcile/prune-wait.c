/* Keeps the clients that confirmed removals which the prune guard held back. They wait for the end
 * of a load. */

#include <stdlib.h>

#include "reconcile/internal.h"

struct PruneWaiter {
        Reconciler *reconciler;
        PruneWaiter *next;
        size_t n_held; /* number of removals held back before the load */
        PruneCommand command;
};

static void prune_waiter_leave(PruneWaiter *waiter)
{
        PruneWaiter **at = &waiter->reconciler->prune_waiters;

        while (*at != waiter)
                at = &(*at)->next;
        *at = waiter->next;
}

PruneWaiter *prune_waiter_cancel(PruneWaiter *waiter)
{
        if (waiter)
                prune_waiter_leave(waiter);
        free(waiter);
        return NULL;
}

int prune_waiter_add(Reconciler *reconciler, const PruneCommand *command, Error *err)
{
        PruneWaiter *waiter = calloc(1, sizeof(*waiter));

        if (!waiter)
                return error_oom(err);
        *waiter = (PruneWaiter){ .reconciler = reconciler,
                                 .next = reconciler->prune_waiters,
                                 .n_held = reconciler->report.n_prune_held,
                                 .command = *command };
        reconciler->prune_waiters = waiter;
        return 0;
}

void reconciler_prune_ended(Reconciler *reconciler, int r)
{
        PruneWaiter *waiter;

        /* A confirmation by a client is for one load, even if the client has disconnected.
         * --confirm-prune is for the first load that succeeds. */
        if (r >= 0 || reconciler->prune_is_confirmed)
                reconciler->control.options.confirm_prune = false;
        reconciler->prune_is_confirmed = false;
        while ((waiter = reconciler->prune_waiters)) {
                size_t n_held = r < 0 ? waiter->n_held : reconciler->report.n_prune_held;

                reconciler->prune_waiters = waiter->next;
                waiter->command.done(waiter->n_held - MIN(waiter->n_held, n_held),
                                     waiter->command.userdata);
                free(waiter);
        }
}
