#pragma once

/* Polls each component when it is due. */

#include "base/time.h"
#include "control/control.h"
#include "model/audit.h"

typedef struct Poller Poller;

void poller_init(Poller *poller, const Control *control);
void poller_done(Poller *poller);

/* Adopts the components and registries of a model. Polls of unchanged components continue. If
 * memory runs out, schedules another load of the specs. */
void poller_adopt(Poller *poller, const Model *model);

/* Handles KEY_COMPONENT: starts a poll. */
usec_t poller_reconcile(Poller *poller, const char *component_id);
/* True if no poll runs or waits for its turn. */
bool poller_is_idle(const Poller *poller);

/* Returns false if the component is not polled: it does not exist, or its settings cannot be used.
 */
bool poller_component(const Poller *poller, const char *id, Component *ret);

/* Makes a poll of the component due now. The poll evaluates all tags, even if the list did not
 * change. No-op if the component does not exist. */
void poller_evaluate_again(Poller *poller, const char *component_id);

/* Handles a push webhook: makes a poll of each component of the repository at the registry due.
 * Returns the number of these components. */
size_t poller_report_push(Poller *poller, const RegistrySpec *registry, const char *repository);

/* Polls a component now. done is called once, after the end of a poll that began after this call,
 * unless the waiter is canceled before. force_refresh: requests the digest of every tag, not only
 * of those that are due. Returns ERROR_CONFLICT if the component is suspended or cannot be polled.
 */
typedef struct SyncWaiter SyncWaiter;
typedef struct SyncCommand {
        bool force_refresh;
        void (*done)(const Error *error, void *userdata);
        void *userdata;
} SyncCommand;
int poller_sync(Poller *poller, const char *component_id, const SyncCommand *command,
                SyncWaiter **ret, Error *err);
SyncWaiter *sync_waiter_cancel(SyncWaiter *waiter);

/* Assigns a version to the current digest of a tag. done is called once, with the id of the new row
 * in the version map, unless the assignment is canceled before. Returns ERROR_INVALID if semver is
 * not a version, ERROR_CONFLICT if the version or digest is denied. */
typedef struct Assigning Assigning;
typedef void (*AssignDone)(const char *version_id, const Error *error, void *userdata);
typedef struct AssignCommand {
        const char *tag, *semver;
        const char *channel; /* NULL: the default channel of the component */
        const Actor *actor;
        AssignDone done;
        void *userdata;
} AssignCommand;
int poller_assign(Poller *poller, const char *component_id, const AssignCommand *command,
                  Assigning **ret, Error *err);
Assigning *assigning_cancel(Assigning *assigning);

/* Removes an assigned version. The rules of the component decide about the digest again. Returns
 * ERROR_CONFLICT if the version was not assigned over the API. */
int poller_unassign(Poller *poller, const char *component_id, const char *digest,
                    const Actor *actor, Error *err);

/* Allows a version tag to have the digest that it moved to, and polls the component next. Returns
 * ERROR_CONFLICT if no move of the tag waits for a permission, or if the tag moved to a digest
 * other than the given one. */
typedef struct AllowMoveCommand {
        const char *tag;
        const char *digest; /* the digest to allow, or a prefix of it; NULL: the one that the tag
                               moved to */
        const char *reason; /* NULL: none is given */
        const Actor *actor;
} AllowMoveCommand;
int poller_allow_move(Poller *poller, const char *component_id, const AllowMoveCommand *command,
                      Error *err);
