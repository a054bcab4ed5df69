#pragma once

/* Polls the components: each with its registry, when it is due. */

#include "base/time.h"
#include "control/control.h"
#include "model/audit.h"

typedef struct Poller Poller;

void poller_init(Poller *poller, const Control *control);
void poller_done(Poller *poller);

/* Brings components and registry clients in line with a model. What did not change goes on. What
 * cannot be had now is tried again by control_adopt_later(). */
void poller_adopt(Poller *poller, const Model *model);

/* KEY_COMPONENT: starts a poll. */
usec_t poller_reconcile(Poller *poller, const char *component_id);
/* No poll is under way, or waits for its turn. */
bool poller_is_idle(const Poller *poller);

/* False if the component is not served. */
bool poller_component(const Poller *poller, const char *id, Component *ret);

/* Polls a component next and evaluates all its tags, also if the list did not change. No-op if it
 * is not served. */
void poller_evaluate_again(Poller *poller, const char *component_id);

/* A push webhook: the components of a repository at a declared registry are polled next. Returns
 * how many there are. */
size_t poller_look(Poller *poller, const RegistrySpec *registry, const char *repository);

/* A component is polled now; done is called once, when a poll that began after this has ended,
 * unless the waiter is cancelled first. force_refresh: every tag's digest is asked for, not only of
 * those that are due. ERROR_CONFLICT if it is suspended or cannot be served. */
typedef struct SyncWaiter SyncWaiter;
typedef struct SyncCommand {
        bool force_refresh;
        void (*done)(const Error *error, void *userdata);
        void *userdata;
} SyncCommand;
int poller_sync(Poller *poller, const char *component_id, const SyncCommand *command,
                SyncWaiter **ret, Error *err);
SyncWaiter *sync_waiter_cancel(SyncWaiter *waiter);

/* A version for what a tag leads to now. done is told once, with the id of its row in the version
 * map, unless it is cancelled before. ERROR_INVALID if semver is none, ERROR_CONFLICT if it is
 * denied. */
typedef struct Assigning Assigning;
typedef void (*AssignDone)(const char *version_id, const Error *error, void *userdata);
typedef struct AssignCommand {
        const char *tag, *semver;
        const char *channel; /* NULL: the component's default one */
        const Actor *actor;
        AssignDone done;
        void *userdata;
} AssignCommand;
int poller_assign(Poller *poller, const char *component_id, const AssignCommand *command,
                  Assigning **ret, Error *err);
Assigning *assigning_cancel(Assigning *assigning);

/* Takes it back: the rules decide again. ERROR_CONFLICT if it was not assigned so. */
int poller_unassign(Poller *poller, const char *component_id, const char *digest,
                    const Actor *actor, Error *err);

/* Lets a version tag have the digest that it moved to; the component is polled next.
 * ERROR_CONFLICT if no move of it waits. */
typedef struct AllowMoveCommand {
        const char *tag;
        const char *reason; /* NULL: none is given */
        const Actor *actor;
} AllowMoveCommand;
int poller_allow_move(Poller *poller, const char *component_id, const AllowMoveCommand *command,
                      Error *err);
