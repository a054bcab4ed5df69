/* The commands of clients that deliver stored events again. */

#include <errno.h>

#include "base/log.h"
#include "reconcile/command.h"
#include "reconcile/internal.h"
#include "store/events.h"

size_t command_receivers(const Reconciler *reconciler)
{
        return reconciler->pump ? event_pump_count(reconciler->pump) : 0;
}

int command_receiver(const Reconciler *reconciler, size_t i, Arena *arena, ReceiverStatus *ret,
                     Error *err)
{
        return event_pump_status(reconciler->pump, i, arena, ret, err);
}

int command_replay(Reconciler *reconciler, const ReplayCommand *command, const Actor *actor,
                   Error *err)
{
        _cleanup_(changes_done) Changes changes = { 0 };
        int64_t after = command->after, last = 0;
        int r;

        r = store_last_event(reconciler->control.store, &last, err);
        if (r >= 0 && command->from) {
                r = store_event_sequence(reconciler->control.store, command->from, &after, err);
                if (r == 0)
                        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                         "no event has the id %s; old ones are removed after "
                                         "events.keep",
                                         command->from);
                after--;
        }
        if (r < 0)
                return r;
        if (after < 0 || after > last)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "after must be a sequence from 0 to %lld, that of the last event",
                                 (long long)last);
        changes_init(&changes);
        changes_add_audit(&changes, &(AuditEntry){ .at = time_wall(),
                                                   .tenant = actor->tenant,
                                                   .actor = *actor,
                                                   .kind = OBJECT_KIND_MAX_,
                                                   .object_name = command->receiver,
                                                   .result_id = command->receiver });
        r = event_pump_replay(reconciler->pump, command->receiver, after, &changes, err);
        if (r >= 0)
                log_notice("webhook '%s': delivers events after %lld again, requested by %s",
                           command->receiver, (long long)after, actor->principal);
        return MIN(r, 0);
}
