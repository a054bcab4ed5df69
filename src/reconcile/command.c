#include <errno.h>

#include "base/limits.h"
#include "base/log.h"
#include "reconcile/catalog.h"
#include "reconcile/command-internal.h"
#include "spec/check.h"
#include "store/events.h"

int command_decode(Reconciler *reconciler, const Node *document, Arena *arena, Object **ret,
                   DiagList *diags, Error *err)
{
        int r = spec_decode_node(document, arena, ret, diags);

        if (r >= 0)
                r = check_references(reconciler->control.model, *ret, diags);
        if (diags->failed || (r < 0 && diags->n == 0))
                return error_oom(err);
        return r < 0 ? error_set(err, ERROR_INVALID, -EINVAL, "%s", diags->items[0].message) : 0;
}

/* --- what src/deploy offers ------------------------------------------------------------------- */

int command_promote(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const PromoteCommand *command, Promoting **ret, Error *err)
{
        return deployer_promote(&reconciler->deployer, environment_id, release_id, command, ret,
                                err);
}

int command_confirm(Reconciler *reconciler, const char *environment_id,
                    const ConfirmCommand *command, Error *err)
{
        return deployer_confirm(&reconciler->deployer, environment_id, command, err);
}

int command_approve(Reconciler *reconciler, const char *environment_id,
                    const ApproveCommand *command, Approved *ret, Error *err)
{
        return deployer_approve(&reconciler->deployer, environment_id, command, ret, err);
}

int command_withdraw(Reconciler *reconciler, const char *environment_id,
                     const ApproveCommand *command, Approved *ret, Error *err)
{
        return deployer_withdraw(&reconciler->deployer, environment_id, command, ret, err);
}

int command_reject(Reconciler *reconciler, const char *environment_id,
                   const ApproveCommand *command, Approved *ret, Error *err)
{
        return deployer_reject(&reconciler->deployer, environment_id, command, ret, err);
}

int command_report_check(Reconciler *reconciler, const char *environment_id,
                         const CheckCommand *command, Error *err)
{
        return deployer_report_check(&reconciler->deployer, environment_id, command, err);
}

int command_hold(Reconciler *reconciler, const char *environment_id, const char *reason,
                 const Actor *actor, Error *err)
{
        return deployer_hold(&reconciler->deployer, environment_id, reason, actor, err);
}

int command_resume(Reconciler *reconciler, const char *environment_id, const Actor *actor,
                   Error *err)
{
        return deployer_resume(&reconciler->deployer, environment_id, actor, err);
}

int command_cancel(Reconciler *reconciler, const char *environment_id, const char *reason,
                   const Actor *actor, Error *err)
{
        return deployer_cancel(&reconciler->deployer, environment_id, reason, actor, err);
}

int catalog_pending(Reconciler *reconciler, const char *environment_id, Arena *arena, Pending *ret,
                    Error *err)
{
        return deployer_pending(&reconciler->deployer, environment_id, arena, ret, err);
}

int catalog_pendings(Reconciler *reconciler, const char *const *environment_ids, size_t n,
                     Arena *arena, Pending *ret, Error *err)
{
        return deployer_pendings(&reconciler->deployer, environment_ids, n, arena, ret, err);
}

bool catalog_may_be_pending(const Reconciler *reconciler, const char *environment_id)
{
        return deployer_may_be_pending(&reconciler->deployer, environment_id);
}

/* --- what src/sync offers --------------------------------------------------------------------- */

int reconciler_sync(Reconciler *reconciler, const char *component_id, const SyncCommand *command,
                    SyncWaiter **ret, Error *err)
{
        return poller_sync(&reconciler->poller, component_id, command, ret, err);
}

size_t reconciler_report_push(Reconciler *reconciler, const RegistrySpec *registry,
                              const char *repository)
{
        return poller_report_push(&reconciler->poller, registry, repository);
}

int command_assign(Reconciler *reconciler, const char *component_id, const AssignCommand *command,
                   Assigning **ret, Error *err)
{
        return poller_assign(&reconciler->poller, component_id, command, ret, err);
}

int command_unassign(Reconciler *reconciler, const char *component_id, const char *digest,
                     const Actor *actor, Error *err)
{
        return poller_unassign(&reconciler->poller, component_id, digest, actor, err);
}

int command_allow_move(Reconciler *reconciler, const char *component_id,
                       const AllowMoveCommand *command, Error *err)
{
        return poller_allow_move(&reconciler->poller, component_id, command, err);
}

/* --- all -------------------------------------------------------------------------------------- */

/* Returns 1 if the principal may get another row in the audit, 0 if it has too many. */
static int command_has_room(Reconciler *reconciler, const AuditEntry *entry, Error *err)
{
        const char *principal = entry->actor.principal;
        int64_t n = 0;
        int r;

        if (entry->outcome == AUDIT_ACCEPTED)
                return 1;
        r = store_count_unaccepted(reconciler->control.store, principal, entry->at - USEC_PER_MIN,
                                   &n, err);
        if (r >= 0 && n == AUDIT_UNACCEPTED_MAX - 1)
                log_warning("audit: %d commands of %s were refused or failed within a minute; more "
                            "of them are not recorded until that has passed",
                            AUDIT_UNACCEPTED_MAX, principal);
        return r < 0 ? r : n < AUDIT_UNACCEPTED_MAX;
}

int command_record(Reconciler *reconciler, const AuditEntry *entry, Error *err)
{
        _cleanup_(changes_done) Changes changes = { 0 };
        int r = command_has_room(reconciler, entry, err);

        if (r <= 0)
                return r;
        changes_init(&changes);
        changes_put_tenant(&changes, entry->tenant, entry->at);
        changes_add_audit(&changes, entry);
        return control_apply(&reconciler->control, &changes, err);
}

int command_note(Reconciler *reconciler, const char *tenant, const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        report_audit(&changes, actor, (Subject){ OBJECT_KIND_MAX_, "", tenant, "" }, NULL);
        return control_apply(&reconciler->control, &changes, err);
}
