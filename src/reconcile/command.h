#pragma once

/* What people tell relman to do with releases and environments. Each is checked first and then
 * committed as one, with a row that says who asked for it; what follows (the check of digests,
 * lockfiles) is the planner's. Failures: ERROR_NOT_FOUND, ERROR_CONFLICT with what stands against
 * it. */

#include "base/diag.h"
#include "deploy/commands.h"
#include "model/audit.h"
#include "model/environment.h"
#include "model/node.h"
#include "reconcile/reconcile.h"
#include "sync/poller.h"

/* What src/deploy offers, by the same names. */
int command_promote(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const PromoteCommand *command, Promoting **ret, Error *err);
int command_confirm(Reconciler *reconciler, const char *environment_id,
                    const ConfirmCommand *command, Error *err);
int command_approve(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const Actor *actor, Approved *ret, Error *err);
int command_withdraw(Reconciler *reconciler, const char *environment_id, const char *release_id,
                     const Actor *actor, Approved *ret, Error *err);
int command_hold(Reconciler *reconciler, const char *environment_id, const char *reason,
                 const Actor *actor, Error *err);
int command_resume(Reconciler *reconciler, const char *environment_id, const Actor *actor,
                   Error *err);
int command_cancel(Reconciler *reconciler, const char *environment_id, const char *reason,
                   const Actor *actor, Error *err);

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const Actor *actor, Error *err);
int command_archive(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err);
/* Only a draft, or what is archived, and in no environment. */
int command_delete_release(Reconciler *reconciler, const char *release_id, const Actor *actor,
                           Error *err);

/* What there is to change of a release: its digests are not. Nothing is, unless all is legal. Its
 * own words are its spec's, if one declares it. Of statuses, people set deprecated and archived,
 * and bring back what is archived; the others follow from what environments say. */
typedef struct UpdateCommand {
        const char *display_name; /* NULL: as it is */
        const Pairs *metadata;    /* likewise */
        ReleaseStatus status;     /* RELEASE_STATUS_MAX_: likewise */
        const char *reason;       /* of a deprecation; NULL if none is given */
        const Actor *actor;
} UpdateCommand;
int command_update_release(Reconciler *reconciler, const char *release_id,
                           const UpdateCommand *command, Error *err);

/* Records a command that was not accepted, or one whose change has no row. Of one principal's
 * refused and failed commands at most AUDIT_UNACCEPTED_MAX a minute are recorded. */
int command_record(Reconciler *reconciler, const AuditEntry *entry, Error *err);
/* Only who asked for it: for what changes nothing by itself. */
int command_note(Reconciler *reconciler, const char *tenant, const Actor *actor, Error *err);

/* --- what the API makes -----------------------------------------------------------------------
 *
 * Documents are those of specs, as nodes. What is wrong with one is in diags, and the first of it
 * in the error. */

/* --- receivers of events --- */

size_t command_receivers(const Reconciler *reconciler);
int command_receiver(const Reconciler *reconciler, size_t i, Arena *arena, ReceiverStatus *ret,
                     Error *err);
/* Everything after a sequence, or from the event of an id on, is sent to a receiver again. */
typedef struct ReplayCommand {
        const char *receiver;
        int64_t after;
        const char *from; /* id of an event; NULL: after counts */
} ReplayCommand;
int command_replay(Reconciler *reconciler, const ReplayCommand *command, const Actor *actor,
                   Error *err);

int command_create_component(Reconciler *reconciler, const Node *document, const Actor *actor,
                             Uuid *ret_id, DiagList *diags, Error *err);
/* ERROR_CONFLICT, with the place, if a spec declares it. */
int command_update_component(Reconciler *reconciler, const char *id, const Node *document,
                             const Actor *actor, DiagList *diags, Error *err);
int command_delete_component(Reconciler *reconciler, const char *id, const Actor *actor,
                             Error *err);

/* A release is made when all its components are resolved: its components are polled first. done is
 * told once, unless the creation is cancelled before; then nothing is made. */
typedef struct Creation Creation;
typedef struct Created {
        const char *release_id; /* NULL: it cannot be made */
        int code;               /* then: negative errno of what the system refused; 0: nothing */
        const char *message;    /* and why */
        const ReleaseProblems
                *problems; /* and what is wrong with each part, as far as it is of parts */
} Created;
typedef void (*CreateDone)(const Created *created, void *userdata);
typedef struct CreateCommand {
        const Actor *actor;
        CreateDone done;
        void *userdata;
} CreateCommand;
int command_create_release(Reconciler *reconciler, const Node *document,
                           const CreateCommand *command, Creation **ret, DiagList *diags,
                           Error *err);
Creation *creation_cancel(Creation *creation);

/* As poller_assign() and poller_unassign(). */
int command_assign(Reconciler *reconciler, const char *component_id, const AssignCommand *command,
                   Assigning **ret, Error *err);
int command_unassign(Reconciler *reconciler, const char *component_id, const char *digest,
                     const Actor *actor, Error *err);

/* As poller_allow_move(). */
int command_allow_move(Reconciler *reconciler, const char *component_id,
                       const AllowMoveCommand *command, Error *err);
