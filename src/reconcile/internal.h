#pragma once

/* Declarations shared by the files of reconcile: the controllers, the queue and the calls.
 *
 * One queue holds all keys that are due (control/keys.h). Committed changes (due.c), loads of specs
 * (load.c), polls that end, and timers add keys. Each kind of key has one handler (calls.c), which
 * calls a function of a controller. */

#include "base/map.h"
#include "calendar/zone.h"
#include "checks/check-runner.h"
#include "compose/composer.h"
#include "control/control.h"
#include "deploy/command/rollback.h"
#include "deploy/environments.h"
#include "model/model.h"
#include "plan/merge.h"
#include "plan/settled.h"
#include "publish/publisher.h"
#include "reconcile/reconcile.h"
#include "spec/spec.h"
#include "spec/tree/git-head.h"
#include "sync/state.h"

typedef struct Watch Watch;
typedef struct SpecsLoad SpecsLoad;
typedef struct GitSpecs GitSpecs;

struct Reconciler {
        Control control;
        Queue *queue;          /* control has a pointer to it */
        Dependents dependents; /* control has a pointer to them */
        Zones zones;           /* time zones of windows */
        Poller poller;
        Composer composer;
        Deployer deployer;
        CheckRunner check_runner;
        Publisher publisher;
        SpecTree *tree;
        GitSpecs *git; /* NULL: the specs are in a folder */
        Model *loaded; /* model of the documents of the specs, without objects of the API */
        Map documents; /* see MergeSource */
        Settled settled;
        bool load_applies; /* the changes that are committed now are those of the load */
        DiagList diags;
        char spec_commit[GIT_HEAD_SIZE]; /* commit of the specs; "": they are in a folder that is no
                                          * Git work tree */
        char diags_commit[GIT_HEAD_SIZE]; /* commit of the diagnostics, with specs in Git; "" */
        Watch *watch;
        EventPump *pump; /* NULL with --once: only the daemon delivers events */
        SpecsLoad *load; /* the load that runs; NULL: none */
        sd_event_source *load_next;
        unsigned n_load_restarts; /* consecutive loads that a reload has restarted */
        bool load_again; /* a reload was requested, and starts when the load that runs has ended */
        PruneWaiter *prune_waiters; /* clients that wait for the end of a load */
        bool prune_is_confirmed;    /* a client confirmed the removals of the load that runs */
        /* set by reconciler_watch_loads(); may be NULL */
        void (*loaded_call)(void *userdata);
        void *loaded_userdata;
        unsigned n_load_failures; /* number of failed loads in a row */
        /* monotonic time of the next load, if a part of the specs is not active; USEC_INFINITY: all
         * specs are active */
        usec_t load_at;
        uint64_t n_made_swept; /* Composer.n_made at the end of the last turn */
        ReconcileReport report;
};

/* calls.c: the calls from one controller to another, and the handlers of keys. */
extern const ControlCalls reconciler_calls;
extern const QueueKind reconciler_keys[KEY_MAX_];
/* Adds all keys of a kind that are not in the queue yet. */
void reconciler_add_all(void *userdata, unsigned kind);

/* due.c: adds the keys that committed changes make due. */
void reconciler_committed(Reconciler *reconciler, const Changes *changes);

/* adopt.c: makes a model active, and passes it to the controllers. Its components must be
 * stored. */
int reconciler_adopt(Reconciler *reconciler, Model *model, Error *err);

/* load.c: starts a load. If a load is running, it starts again. Does not fetch specs in Git. */
void reconciler_load_now(Reconciler *reconciler);
/* Loads the specs in one turn. */
int reconciler_load_specs(Reconciler *reconciler, Error *err);
/* Makes a stored component of the API active; object is NULL if the component was deleted. A load
 * then updates, in steps, the documents of the specs that depend on it. */
int reconciler_change_component(Reconciler *reconciler, const char *id, const Object *object,
                                Error *err);
/* Makes the load that runs read the stored objects again, because other code has changed their
 * rows. */
void reconciler_load_is_stale(Reconciler *reconciler);
int reconciler_on_load_step(sd_event_source *source, usec_t usec, void *userdata);
SpecsLoad *specs_load_free(SpecsLoad *load); /* safe on NULL */
/* Starts a load after a delay, because of a system failure. Without it, the change would wait until
 * the next edit. */
void reconciler_load_later(Reconciler *reconciler);
/* prune-wait.c */
/* Adds a waiter at the head of the list. */
int prune_waiter_add(Reconciler *reconciler, const PruneCommand *command, Error *err);
/* Reports the end of a load to all waiters, and frees them. r is the result of the load. */
void reconciler_prune_ended(Reconciler *reconciler, int r);
