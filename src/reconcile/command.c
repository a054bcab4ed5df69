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

/* --- audit ------------------------------------------------------------------------------------ */

/* Returns 1 if the audit may get another row of the principal, 0 if the principal has too many. */
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
