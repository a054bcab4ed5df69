#pragma once

/* What people tell relman to do with releases and environments. Each is checked first and then
 * committed as one; what follows (the check of digests, lockfiles) is the planner's. by: the
 * principal. Failures: ERROR_NOT_FOUND, ERROR_CONFLICT with what stands against it. */

#include "model/environment.h"
#include "reconcile/reconcile.h"

/* An environment gets a release, newer or older; one that follows a stream is on hold from then on.
 */
int command_promote(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const char *by, Error *err);

typedef struct ConfirmCommand {
        const char *release_id; /* NULL: whichever is on its way */
        DeploymentStatus status;
        const char *evidence_ref, *reason; /* NULL if none */
        const char *by;
} ConfirmCommand;
int command_confirm(Reconciler *reconciler, const char *environment_id,
                    const ConfirmCommand *command, Error *err);

/* Once for each principal. */
int command_approve(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const char *by, Error *err);

/* Nothing is promoted there until command_resume(). */
int command_hold(Reconciler *reconciler, const char *environment_id, const char *reason,
                 const char *by, Error *err);
int command_resume(Reconciler *reconciler, const char *environment_id, Error *err);

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const char *by, Error *err);
int command_archive(Reconciler *reconciler, const char *release_id, const char *by, Error *err);
