#pragma once

/* Commands of clients about releases and components. Commands about environments, polls and tags
 * are in deploy/commands.h and sync/poller.h.
 *
 * A valid command and its audit row are committed in one transaction. Keys of the queue then update
 * dependents, such as lockfiles. Errors: ERROR_NOT_FOUND, and ERROR_CONFLICT with the reason. */

#include "base/diag.h"
#include "deploy/commands.h"
#include "model/audit.h"
#include "model/document-node.h"
#include "model/environment.h"
#include "reconcile/reconcile.h"
#include "sync/poller.h"

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const Actor *actor, Error *err);
int command_archive(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err);
/* Deletes a draft or an archived release that no environment has. */
int command_delete_release(Reconciler *reconciler, const char *release_id, const Actor *actor,
                           Error *err);

/* The changes of a release that a client can request. The digests of a release never change.
 * - All changes are made, or none if one of them is refused.
 * - Name and metadata of a release that a spec declares are changed in the spec only.
 * - A client can deprecate, archive and restore a release. Other statuses follow from environments.
 */
typedef struct UpdateCommand {
        const char *display_name; /* NULL: unchanged */
        const Pairs *metadata;    /* NULL: unchanged */
        ReleaseStatus status;     /* RELEASE_STATUS_MAX_: unchanged */
        const char *reason;       /* reason of a deprecation; NULL: none was given */
        const Actor *actor;
} UpdateCommand;
int command_update_release(Reconciler *reconciler, const char *release_id,
                           const UpdateCommand *command, Error *err);

/* Writes the audit row of a command that was refused, that failed, or that has not written one with
 * its changes. For each principal, at most AUDIT_UNACCEPTED_MAX refused and failed commands are
 * recorded in a minute. */
int command_record(Reconciler *reconciler, const AuditEntry *entry, Error *err);
/* Writes only the audit row, for a command that has no other changes. */
int command_note(Reconciler *reconciler, const char *tenant, const Actor *actor, Error *err);

/* --- receivers of events ---------------------------------------------------------------------- */

size_t command_receivers(const Reconciler *reconciler);
int command_receiver(const Reconciler *reconciler, size_t i, Arena *arena, ReceiverStatus *ret,
                     Error *err);
/* A request to deliver again all events after a sequence number, or of the event with an id and all
 * events after it. */
typedef struct ReplayCommand {
        const char *receiver;
        int64_t after;
        const char *from; /* id of an event; NULL: use after */
} ReplayCommand;
int command_replay(Reconciler *reconciler, const ReplayCommand *command, const Actor *actor,
                   Error *err);

/* --- components and releases of the API ------------------------------------------------------- */

/* A document is a node with the content of a spec. diags gets all errors of a document, err the
 * first error. */
int command_create_component(Reconciler *reconciler, const Node *document, const Actor *actor,
                             Uuid *ret_id, DiagList *diags, Error *err);
/* ERROR_CONFLICT: a spec declares the component; the message has the place. */
int command_update_component(Reconciler *reconciler, const char *id, const Node *document,
                             const Actor *actor, DiagList *diags, Error *err);
int command_delete_component(Reconciler *reconciler, const char *id, const Actor *actor,
                             Error *err);

/* Creates a release after all its components were polled and resolved. Calls done once, with the
 * result. creation_cancel() prevents the call; then no release is created. */
typedef struct Creation Creation;
typedef struct Created {
        const char *release_id;          /* NULL: the release was not created */
        int code;                        /* negative errno of a system failure; 0: none */
        const char *message;             /* why the release was not created */
        const ReleaseProblems *problems; /* problems of individual components */
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
