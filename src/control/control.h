#pragma once

/* What the controllers share: the event loop, the store, the options, the model in force, and the
 * calls by which one controller reaches another. A controller is a folder (sync, compose, deploy,
 * publish) with a struct of its own; none includes another. */

#include <systemd/sd-event.h>

#include "base/error.h"
#include "control/component.h"
#include "control/keys.h"
#include "control/options.h"
#include "control/report.h"
#include "http/http.h"
#include "model/changes/changes.h"
#include "model/environment.h"
#include "model/model.h"
#include "model/release.h"
#include "queue/dependents.h"
#include "queue/queue.h"
#include "store/store.h"

/* The wiring of src/reconcile provides these. Each says what has happened, or asks a fact. */
typedef struct ControlCalls {
        /* Not all that is known is in force, for lack of memory or of the database: the specs are
         * loaded again in a while. */
        void (*load_later)(void *userdata);

        /* After a commit: adds the keys that the changes make due. */
        void (*committed)(void *userdata, const Changes *changes);

        /* sync: what is known of a component. False if it is not served. */
        bool (*component)(void *userdata, const char *component_id, Component *ret);
        /* sync: what is known rules out a version: all tags are evaluated again, next. */
        void (*evaluate_again)(void *userdata, const char *component_id);

        /* from compose, after the commit */
        void (*release_ready)(void *userdata, const Release *release);
        void (*release_retired)(void *userdata, const char *tenant, const char *name);

        /* publish: writes or removes the lockfile of an environment, as the database has it, and
         * then calls lock_written() */
        int (*write_lock)(void *userdata, const char *environment_id, Error *err);
        void (*write_locks_later)(void *userdata); /* after a failure */
        /* from publish: r is negative if the lockfile could not be written. Returns r, or what
         * became of the confirmation that followed. */
        int (*lock_written)(void *userdata, const Deployment *deployment, int r, Error *err);
} ControlCalls;

typedef struct Control {
        sd_event *event;
        Store *store;
        HttpClient *http;
        Queue *queue;
        Dependents *dependents; /* keys of the queue that depend on objects; see control_depend() */
        ReconcileOptions options;
        Model *model;            /* in force: specs, the last good of what is broken, the API's */
        const char *spec_commit; /* of the work tree the specs are in; "" if it is none */
        const ControlCalls *calls;
        void *userdata; /* of the calls */
} Control;

/* Carries out the changes in one transaction, as store_apply(), and makes due what depends on what
 * they change. */
int control_apply(const Control *control, Changes *changes, Error *err);

/* Asks for a turn of the queue, although nothing may be due. */
void control_kick(const Control *control);

/* The key is due after each committed change of the object: of a release (or any release of a
 * stream), or of what an environment has. -ENOMEM. */
int control_depend(const Control *control, ControlKey kind, const char *id, const char *object_id);
/* The key is due after a channel of the component got another head; name NULL: of any component of
 * the tenant. */
int control_depend_on_component(const Control *control, ControlKey kind, const char *id,
                                const char *tenant, const char *name);
void control_changed(const Control *control, const char *object_id, const char *cause);
/* Calls found for each key that depends on the component. */
void control_find_dependents(const Control *control, const ComponentSpec *component,
                             DependentFound found, void *userdata);

/* Logs what is not in force and why, and has the specs loaded again in a while. */
void control_adopt_later(const Control *control, const char *what, const char *why);

/* ERROR_NOT_FOUND. */
int control_find_release(const Control *control, const char *id, Arena *arena, Release *ret,
                         Error *err);
