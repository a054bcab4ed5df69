#pragma once

/* The common state of the controllers: event loop, store, options, the active model, and the calls
 * from one controller to another. A controller is a folder (sync, compose, deploy, publish) with
 * its own struct. No controller includes the headers of another. */

#include <systemd/sd-event.h>

#include "base/error.h"
#include "calendar/zone.h"
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

/* The files of a deployment: its lockfile, and the outputs of its environment. */
typedef enum FilesState {
        FILES_DUE, /* not written yet */
        FILES_WRITTEN,
        FILES_FAILED,   /* a file could not be written; the write is retried */
        FILES_PROPOSED, /* they wait for the merge of a pull request (confirm: pullRequest) */
} FilesState;

/* The calls from one controller to another, and to src/reconcile, which implements all of them. */
typedef struct ControlCalls {
        /* Loads the specs again later. For a controller that could not adopt part of the model,
         * because memory ran out or the database failed. */
        void (*load_later)(void *userdata);

        /* Called after a commit: adds the keys that the changes make due. */
        void (*committed)(void *userdata, const Changes *changes);
        /* Called after a commit that failed. Rows may have changed all the same, if only the
         * answer of the database failed. */
        void (*not_committed)(void *userdata);

        /* sync: reads the facts about a component. Returns false if the component is not polled. */
        bool (*component)(void *userdata, const char *component_id, Component *ret);
        /* sync: evaluates all tags again in the next turn, because a version was ruled out. */
        void (*evaluate_again)(void *userdata, const char *component_id);

        /* deploy: stores the result of a check that relmand ran; see deployer_check_ran(). */
        int (*check_ended)(void *userdata, const CheckResult *result, Error *err);

        /* publish: writes the files of an environment before the next turn of the queue, if they
         * are due. */
        void (*publish_now)(void *userdata, const char *environment_id);
        /* publish: returns whether the files of a deployment are written. ret_problem: the reason
         * of a failure, or the URL of the pull request, borrowed; NULL if there is none. publish
         * makes KEY_ENVIRONMENT due after each change of this state. */
        FilesState (*files_state)(void *userdata, const Deployment *deployment,
                                  const char **ret_problem);
} ControlCalls;

typedef struct Control {
        sd_event *event;
        Store *store;
        HttpClient *http;
        Queue *queue;
        Dependents *dependents; /* keys of the queue by the objects that they depend on; see
                                 * control_depend() */
        Zones *zones;           /* time zones of windows */
        ReconcileOptions options;
        Model *model; /* the active model: the specs, the last good state of broken ones, and the
                         objects created over the API */
        const char *spec_commit; /* commit of the Git work tree that has the specs; "": the specs
                                    are in no work tree */
        const ControlCalls *calls;
        void *userdata; /* userdata of the calls */
} Control;

/* Applies the changes in one transaction with store_apply(), then makes the keys due that depend on
 * the changed objects. */
int control_apply(const Control *control, Changes *changes, Error *err);

/* Requests a turn of the queue, even if nothing is due. */
void control_kick(const Control *control);

/* Makes the key due after each committed change of an object: a release, a stream (any of its
 * releases) or an environment (its deployment). Returns 0 or -ENOMEM. */
int control_depend(const Control *control, ControlKey kind, const char *id, const char *object_id);
/* Makes the key due after the head of a channel of the component changed; name NULL: any component
 * of the tenant. */
int control_depend_on_component(const Control *control, ControlKey kind, const char *id,
                                const char *tenant, const char *name);
void control_changed(const Control *control, const char *object_id, const char *cause);
/* Adds each key that depends on the component, by name or as any component of its tenant. */
void control_component_changed(const Control *control, const ComponentSpec *component,
                               const char *cause);
/* The two halves of control_component_changed(). After many changes, call the second half only once
 * for each tenant, because each stream of the tenant may depend on any component. */
void control_named_component_changed(const Control *control, const ComponentSpec *component,
                                     const char *cause);
void control_any_component_changed(const Control *control, const char *tenant, const char *cause);
/* Calls found for each key that depends on the component. */
void control_find_dependents(const Control *control, const ComponentSpec *component,
                             DependentFound found, void *userdata);

/* Logs that `what` could not be adopted, and why. Schedules another load of the specs. */
void control_adopt_later(const Control *control, const char *what, const char *why);

/* Finds a release. ERROR_NOT_FOUND: there is none with this id. */
int control_find_release(const Control *control, const char *id, Arena *arena, Release *ret,
                         Error *err);
